import type { Tx } from '@holdfast/prisma';
import { Prisma } from '@holdfast/prisma';
import { openOwner } from '../operation/operation-row.ts';
import { tellAgentLost } from '../workspace/agent-lost.ts';
import { lockUnderAncestors } from '../workspace/guards.ts';
import { changeStatus } from '../workspace/status-change.ts';

/** A box that should run and was found not to. */
export interface DeadBox {
  readonly boxId: string;
  readonly workspaceId: string;
  /** Something of it is still there, and has to be removed. */
  readonly isThere: boolean;
}

/** Who found out, and how. */
export interface Finder {
  readonly actor: string;
  readonly reason: string;
}

/**
 * Takes note that a box does not run: on the ledger, and, where it is the current one, on its workspace, which goes
 * offline and is restarted. Under the lock: a box that has been replaced meanwhile, and one whose workspace somebody is
 * changing, is left to him.
 * @returns null when nothing was changed
 */
export async function loseBox(tx: Tx, dead: DeadBox, finder: Finder): Promise<{ poke: boolean } | null> {
  const { boxId, workspaceId } = dead;
  const workspace = await lockUnderAncestors(tx, workspaceId);
  if (workspace && (await openOwner(tx, workspace))) return null;
  if (!(await noteOnLedger(tx, dead))) return null;
  if (workspace?.box_id !== boxId) return { poke: false };
  const unboxed = Prisma.sql`, box_id = NULL, box_operation_id = NULL, internal_url = NULL, liveness_expires_at = NULL`;
  if (await changeStatus(tx, workspaceId, 'boxDead', unboxed)) {
    return { poke: (await tellAgentLost(tx, { workspaceId, ...finder })) !== null };
  }
  await tx.$executeRaw`
    UPDATE workspaces SET box_id = NULL, box_operation_id = NULL, internal_url = NULL, liveness_expires_at = NULL
    WHERE id = ${workspaceId}::uuid`;
  return { poke: false };
}

/** What is still there, or may still come up, is owed: somebody removes it. */
async function noteOnLedger(tx: Tx, { boxId, isThere }: DeadBox): Promise<boolean> {
  const noted = await tx.$executeRaw`
    UPDATE boxes SET
      state = (CASE WHEN ${isThere} OR state = 'creating' THEN 'owed' ELSE 'gone' END)::box_state,
      owed_reason = CASE WHEN ${isThere} OR state = 'creating' THEN 'it was found not running' END,
      next_attempt_at = CASE WHEN ${isThere} OR state = 'creating' THEN clock_timestamp() END,
      stopping_at = clock_timestamp(),
      gone_at = CASE WHEN ${isThere} OR state = 'creating' THEN NULL ELSE clock_timestamp() END,
      sealed_credentials = NULL, nonce_hash = NULL
    WHERE id = ${boxId}::uuid AND state IN ('creating', 'running')`;
  return noted > 0;
}
