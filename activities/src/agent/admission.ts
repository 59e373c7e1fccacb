import type { Tx } from '@holdfast/prisma';
import type { WorkspaceStatus } from '@holdfast/workflows/workspace/status';
import { Refusal } from '../failure/refusal.ts';
import { tokenHash } from '../token/tokens.ts';
import type { AgentIdentity } from './identity.ts';

/** What an agent showed: whose bearer it is has been looked up before. */
export interface ShownCredential {
  /** `none`: no bearer. `foreign`: not a live token of this workspace. Else the token's box. */
  readonly bearer: 'none' | 'foreign' | AgentIdentity;
  /** Proves a box before it has its token; works until the first register that counts. */
  readonly nonce: string | null;
}

export interface Admitted extends AgentIdentity {
  readonly by: 'token' | 'nonce';
  readonly deliveryMode: 'push' | 'poll';
}

interface Row {
  status: WorkspaceStatus;
  delivery_mode: 'push' | 'poll';
}

/**
 * The token gate of the registry routes. Whether the agent's word has any effect is decided later, under the lock.
 * @returns null for a removed workspace: its tokens are gone, so nobody can prove to be its agent
 * @throws Refusal WORKSPACE_NOT_FOUND, UNAUTHORIZED
 */
export async function admit(tx: Tx, workspaceId: string, shown: ShownCredential): Promise<Admitted | null> {
  const [row] = await tx.$queryRaw<Row[]>`
    SELECT status::text AS status, delivery_mode::text AS delivery_mode FROM workspaces WHERE id = ${workspaceId}::uuid`;
  if (!row) throw new Refusal('WORKSPACE_NOT_FOUND', 'workspace not found');
  if (row.status === 'removed') return null;
  const deliveryMode = row.delivery_mode;
  if (typeof shown.bearer === 'object') return { boxId: shown.bearer.boxId, by: 'token', deliveryMode };
  const boxId = await boxOfNonce(tx, workspaceId, shown.nonce);
  if (boxId) return { boxId, by: 'nonce', deliveryMode };
  const sentNothing = shown.bearer === 'none' && shown.nonce === null;
  throw new Refusal('UNAUTHORIZED', sentNothing ? 'missing workspace auth token' : 'invalid workspace auth token');
}

/** The current box of the workspace, if the nonce is the one it was given and nobody has used it. */
export async function boxOfNonce(tx: Tx, workspaceId: string, nonce: string | null): Promise<string | null> {
  if (nonce === null) return null;
  const [box] = await tx.$queryRaw<{ id: string }[]>`
    SELECT b.id FROM workspaces w JOIN boxes b ON b.id = w.box_id
    WHERE w.id = ${workspaceId}::uuid AND b.nonce_hash = ${tokenHash(nonce)} AND b.state IN ('creating', 'running')`;
  return box?.id ?? null;
}
