import type { Poker } from '@holdfast/activities/operation/poker';
import type { Cipher } from '@holdfast/activities/secret/cipher';
import type { Database } from '@holdfast/prisma';
import type { BackendKind, CloudProvider } from '@holdfast/workflows/box/box';
import type { Chance } from '@holdfast/infra/testing/chance';
import type { Durations } from '../compose.ts';
import type { WorkerSettings } from '../worker-processes.ts';
import type { Pace } from './load.ts';
import type { PropertyRecord } from './record.ts';
import type { StepLog } from './step-log.ts';

export interface BoxesParts {
  readonly db: Database;
  readonly databaseUrl: string;
  readonly cipher: Cipher;
  readonly poker: Poker;
  readonly directory: string;
  readonly log: StepLog;
  readonly luck: Chance;
  /** Told of what should never be. */
  readonly onTrouble: (error: unknown) => void;
  /** Ends with the test. */
  readonly parts: AsyncDisposableStack;
}

/** Where the boxes of a run are: with agents in them, and with an engine that lets its callers down by chance. */
export interface Boxes {
  readonly backend: BackendKind;
  readonly durations: Durations;
  readonly pace: Pace;
  /** What a worker is told of them. */
  readonly settings: Partial<WorkerSettings>;
  readonly clouds?: readonly CloudProvider[];
  real(): PropertyRecord['real'];
  /** Whether nothing of it is on its way any more. */
  isQuiet(): Promise<boolean>;
  /** Ends one of them without having been asked to, where that is seen to. */
  end?(luck: Chance): Promise<void>;
}

/** One agent of a hundred never says a word. */
export function someMute({ next }: Chance): (box: { boxId: string }) => boolean {
  const known = new Map<string, boolean>();
  return ({ boxId }) => {
    const mute = known.get(boxId) ?? next() < 0.01;
    known.set(boxId, mute);
    return mute;
  };
}
