import { setTimeout as pause } from 'node:timers/promises';
import { BackendError, backendProblems } from './backend-error.ts';
import type { Database } from '@holdfast/prisma';
import type { BoxRef } from './backend.ts';
import type { BoxContext } from './box-context.ts';
import type { LedgerRow } from './ledger.ts';
import { within } from './within.ts';

export interface StopLimits {
  /** How long to go on trying, in milliseconds. */
  readonly limitMs: number;
  readonly signal: AbortSignal;
}

/** Undefined when the box is gone, else why it is owed, in words for a person. */
export type Debt = string | undefined;

type StopRow = Pick<LedgerRow, 'id' | 'workspaceId' | 'backend' | 'externalId' | 'createBegunAt' | 'attempts'> &
  Partial<Pick<LedgerRow, 'provider'>>;

/**
 * Stops a box, and notes that it is gone; or that it is owed, when it could not be stopped in time or when a create of
 * it may still come out. Trying again is harmless.
 */
export async function stopBox(context: BoxContext, box: StopRow, limits: StopLimits): Promise<Debt> {
  const debt = await tryToStop(context, box, limits);
  if (debt === undefined) await markGone(context, box);
  else await markOwed(context, box, debt);
  return debt?.reason;
}

/** A box of the ledger, as its backend is told of it. */
export const refOf = ({ id: boxId, workspaceId, externalId, provider }: StopRow): BoxRef => ({
  boxId,
  workspaceId,
  externalId,
  provider: provider ?? null,
});

interface Owed {
  readonly reason: string;
  /** How long to wait until trying again can help, in milliseconds; an instant is for the database's clock to say. */
  readonly retryInMs: number;
}

async function tryToStop(
  context: BoxContext,
  box: StopRow,
  { limitMs, signal }: StopLimits,
): Promise<Owed | undefined> {
  const { dispatcher, settings, log } = context;
  const until = Date.now() + limitMs;
  const later = (reason: string): Owed => ({ reason, retryInMs: backOffMs(box.attempts) });
  for (let wait = settings.stopRetryMs.first; ; wait = Math.min(wait * 2, settings.stopRetryMs.longest)) {
    try {
      const result = await within(until - Date.now(), dispatcher.stop(box.backend, refOf(box)));
      if (result === 'noBackend') return later(backendProblems.noBackend.says);
      if (result === 'stopped') return undefined;
      break;
    } catch (error) {
      log.warn({ boxId: box.id, cause: String(error) }, 'a box was not stopped');
      if (error instanceof BackendError && error.final) return later(error.says);
      if (Date.now() + wait >= until || signal.aborted)
        return later(error instanceof BackendError ? error.says : backendProblems.failed.says);
    }
    await pause(wait);
  }
  return afterCreate(context, box);
}

/** Not finding a box proves nothing while a create of it may still come out. By the clock that noted its begin. */
async function afterCreate({ db, settings }: BoxContext, { createBegunAt }: StopRow): Promise<Owed | undefined> {
  if (createBegunAt === null) return undefined;
  const [{ left }] = await db.$queryRaw<[{ left: number }]>`
    SELECT ${settings.longestCreateMs} - (extract(epoch FROM clock_timestamp() - ${createBegunAt}::timestamptz) * 1000)::float8 AS left`;
  return left > 0 ? { reason: 'its create may still be under way', retryInMs: left } : undefined;
}

async function markGone({ db }: BoxContext, { id, workspaceId, externalId }: StopRow): Promise<void> {
  if (externalId !== null) await forgetInstance(db, workspaceId, externalId);
  await db.$executeRaw`
    UPDATE boxes SET state = 'gone', gone_at = clock_timestamp(), owed_reason = NULL, next_attempt_at = NULL, create_begun_at = NULL,
      sealed_credentials = NULL, nonce_hash = NULL
    WHERE id = ${id}::uuid AND state IN ('stopping', 'owed')`;
}

/** The row of a workspace names its instance until that is gone, and never one that is. */
export async function forgetInstance(db: Database, workspaceId: string, instanceId: string): Promise<void> {
  await db.$executeRaw`
    UPDATE workspaces SET instance_id = NULL WHERE id = ${workspaceId}::uuid AND instance_id = ${instanceId}`;
}

async function markOwed({ db }: BoxContext, { id }: StopRow, { reason, retryInMs }: Owed): Promise<void> {
  await db.$executeRaw`
    UPDATE boxes SET state = 'owed', owed_reason = ${reason}, next_attempt_at = clock_timestamp() + ${retryInMs} * interval '1 millisecond', attempts = attempts + 1
    WHERE id = ${id}::uuid AND state IN ('stopping', 'owed')`;
}

const FIRST_BACK_OFF_MS = 5_000;
const LONGEST_BACK_OFF_MS = 300_000;

/** How long to wait before a box that was tried so often is tried again, in milliseconds. */
export const backOffMs = (attempts: number): number =>
  Math.min(FIRST_BACK_OFF_MS * 2 ** Math.min(attempts, 10), LONGEST_BACK_OFF_MS);
