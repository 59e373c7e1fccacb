import type { Database } from '@holdfast/prisma';
import type { OperationSettings } from '@holdfast/workflows/operation/operation';
import type { OperationPort } from '@holdfast/workflows/operation/ports';
import { concealing, type OnFailure } from '../failure/concealing.ts';
import type { Cipher } from '../secret/cipher.ts';
import { beginOperation, lookAtOperation } from './begin.ts';
import { beginCycle } from './cycle.ts';
import { eraseWorkspace, planErase } from './erase.ts';
import { finishOperation } from './finish.ts';
import { concludeHibernation } from './hibernation.ts';
import { mintBox } from './mint.ts';
import { beginSettle, oweBoxes } from './settle.ts';
import { moveProvider, moveProviderBack, restoreBeforeSwitch } from './switch.ts';

export interface OperationRecordsOptions {
  readonly db: Database;
  readonly cipher: Cipher;
  /** Who owns the boxes of this installation. */
  readonly owner: string;
  readonly settings: OperationSettings;
  /** How long an agent of a runtime may take to register, in milliseconds. */
  readonly deadlineMs: (runtime: string) => number;
  /** Told what really failed; nothing but a fixed sentence goes on to Temporal, whose histories anybody may read. */
  readonly onFailure?: OnFailure;
}

/** The rows behind the operation port: one function a file, one transaction each. */
export function operationRecords(options: OperationRecordsOptions): OperationPort {
  const { db, cipher, owner, settings, deadlineMs, onFailure } = options;
  const changes: OperationPort = {
    beginOperation: (run) => beginOperation(db, run, settings),
    lookAtOperation: (run) => lookAtOperation(db, run),
    finishOperation: (order) => finishOperation(db, order),
    beginCycle: (run) => beginCycle(db, run, deadlineMs),
    mintBox: (order) => mintBox(db, cipher, owner, order),
    beginSettle: (run) => beginSettle(db, run),
    oweBoxes: (order) => oweBoxes(db, order),
    concludeHibernation: (run) => concludeHibernation(db, run),
    moveProvider: (run) => moveProvider(db, run),
    moveProviderBack: (run) => moveProviderBack(db, run),
    restoreBeforeSwitch: (run) => restoreBeforeSwitch(db, run),
    planErase: (run) => planErase(db, run),
    eraseWorkspace: (run) => eraseWorkspace(db, run),
  };
  return Object.fromEntries(
    Object.entries(changes).map(([name, change]: [string, (order: never) => Promise<unknown>]) => [
      name,
      concealing(name, change, onFailure),
    ]),
  ) as unknown as OperationPort;
}
