import { Prisma, type Tx } from '@holdfast/prisma';
import { hasOwnBox } from '@holdfast/workflows/workspace/status';
import { openOwner } from '../../operation/operation-row.ts';
import { announceRevoked } from '../../token/tokens.ts';
import { hasNoOwner } from '../../workspace/open-owner-sql.ts';
import { lockWorkspace } from '../../workspace/workspace-row.ts';
import type { Found, SweepView, Suspect } from './pass.ts';

/** Ten heartbeats, and longer than any part of a bring-up: who has not shown a token for so long does not use it. */
const STALE_SECONDS = 300;

/** A live token of an agent that nobody has shown for so long. */
const isStale = Prisma.sql`t.purpose = 'agent' AND t.box_id IS NOT NULL AND t.revoked_at IS NULL
  AND coalesce(t.last_used_at, t.created_at) < clock_timestamp() - ${STALE_SECONDS} * interval '1 second'`;

interface Stale {
  readonly id: string;
  readonly runtime: string;
  readonly backend: string;
}

/**
 * Credentials whose box is not there: its configuration was wiped from outside, or all of it was, and with a live token
 * nobody could register any more. That nothing at all is there is the very case to mend. A backend that did not answer
 * is not among those that are looked at, so that a silence revokes nothing.
 */
export async function findStaleTokens(view: SweepView): Promise<Found> {
  const { db, host } = view.context;
  const suspects: Suspect[] = [];
  for (const { backend, boxes } of view.listed) {
    // A cloud's list may be late or short: there, an empty one would revoke a whole fleet.
    if (backend.kind === 'control-plane') continue;
    const there = boxes.map(({ boxId, workspaceId }) => ({ boxId, workspaceId }));
    const stale = await db.$queryRaw<Stale[]>`
      SELECT w.id, w.runtime, ${backend.kind} AS backend FROM workspaces w
      WHERE w.status NOT IN ('removed', 'provisioning') AND ${hasNoOwner}
        AND EXISTS (
          SELECT 1 FROM workspace_auth_tokens t LEFT JOIN boxes b ON b.id = t.box_id
          WHERE t.workspace_id = w.id AND ${isStale}
            AND coalesce(b.host, w.host) = ${host} AND coalesce(b.backend, w.backend) = ${backend.kind}
            AND NOT t.box_id::text = ANY(${there.map(({ boxId }) => boxId)}::text[]))
        AND NOT EXISTS (
          SELECT 1 FROM workspace_auth_tokens t
          WHERE t.workspace_id = w.id AND t.purpose = 'agent' AND t.revoked_at IS NULL AND NOT (${isStale}))
        AND NOT w.id::text = ANY(${there.map(({ workspaceId }) => workspaceId)}::text[])
      ORDER BY w.id`;
    suspects.push(...stale.filter(({ runtime }) => hasOwnBox(runtime)).map((row) => suspect(view, row)));
  }
  return { fleet: 0, suspects };
}

const suspect = ({ context: { db, log } }: SweepView, { id, backend }: Stale): Suspect => ({
  kind: 'token',
  boxId: null,
  workspaceId: id,
  backend,
  what: 'credentials of a box that is not there, unused for five minutes',
  action: 'revoke them',
  async mend() {
    const revoked = await db.$transaction((tx) => revoke(tx, id));
    if (revoked > 0) log.info({ workspaceId: id, revoked }, 'credentials of a box that is not there were revoked');
    return revoked > 0;
  },
});

/** Only those that are still stale: one made since then is somebody's. */
async function revoke(tx: Tx, workspaceId: string): Promise<number> {
  const workspace = await lockWorkspace(tx, workspaceId);
  if (!workspace || !hasOwnBox(workspace.runtime) || (await openOwner(tx, workspace))) return 0;
  if (workspace.status === 'removed' || workspace.status === 'provisioning') return 0;
  const revoked = await tx.$executeRaw`
    UPDATE workspace_auth_tokens t SET revoked_at = clock_timestamp() WHERE t.workspace_id = ${workspaceId}::uuid AND ${isStale}`;
  if (revoked > 0) await announceRevoked(tx, workspaceId);
  return revoked;
}
