import type { Operation } from './operation.ts';

/**
 * What may go wrong with one request. `lost`: done, and the connection is cut before the answer. `hanging`: done, and never
 * answered. `unheard`: cut, not done.
 * `late`: cut, and done when the test lets it. `doubled`: done twice, as by a proxy that repeats. The others are refusals
 * in the cloud's own shape; `failing`: accepted, and found to be impossible only afterwards; `hidden`: there, and not
 * shown yet.
 */
export type Fault =
  | 'lost'
  | 'hanging'
  | 'unheard'
  | 'late'
  | 'doubled'
  | 'failing'
  | 'throttled'
  | 'quota'
  | 'capacity'
  | 'unavailable'
  | 'denied'
  | 'hidden';

export type RefusalKind = Extract<Fault, 'throttled' | 'quota' | 'capacity' | 'unavailable' | 'denied' | 'hidden'>;

/** The faults of one cloud, in the order they were planned; each is used up by a request of its operation. */
export class Faults {
  /** What goes wrong besides, by whatever chance. */
  mood: (operation: Operation) => Fault | undefined = () => undefined;
  private readonly planned: { operation: Operation; fault: Fault }[] = [];
  private held: (() => Promise<unknown>)[] = [];

  plan(operation: Operation, fault: Fault, times = 1): void {
    for (let count = 0; count < times; count += 1) this.planned.push({ operation, fault });
  }

  /** Forgets what was planned and has not happened. */
  clear(): void {
    this.planned.length = 0;
    this.held = [];
  }

  take(operation: Operation): Fault | undefined {
    const index = this.planned.findIndex((one) => one.operation === operation);
    return index === -1 ? this.mood(operation) : this.planned.splice(index, 1)[0]?.fault;
  }

  hold(work: () => Promise<unknown>): void {
    this.held.push(work);
  }

  /** Does what was late so far. */
  async release(): Promise<void> {
    for (const work of this.held.splice(0)) await work();
  }
}
