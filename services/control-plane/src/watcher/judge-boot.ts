import type { Instance } from '../provider/port.ts';

export interface BootFacts {
  readonly instance: Instance | null;
  readonly bootingMs: number;
  readonly bootMs: number;
  /** A cloud may not show right away what it has just made. */
  readonly visibleMs: number;
  readonly hasFetched: boolean;
}

/** `over`: it has booted as far as can be seen from here; whether its agent registers is the platform's to see. */
export type BootVerdict = 'wait' | 'over' | { readonly crashed: string };

/** What is to be made of a box that has not been heard of yet. */
export function judgeBoot({ instance, bootingMs, bootMs, visibleMs, hasFetched }: BootFacts): BootVerdict {
  if (instance === null && bootingMs < visibleMs) return 'wait';
  switch (instance?.state) {
    case undefined:
    case 'terminated':
    case 'shutting-down':
      return { crashed: 'the machine ended while it was booting' };
    case 'stopped':
      return { crashed: 'the machine stopped while it was booting' };
    case 'pending':
    case 'running':
      if (bootingMs < bootMs) return 'wait';
      return hasFetched ? 'over' : { crashed: 'the machine never fetched its environment' };
  }
}
