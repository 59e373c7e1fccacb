import { Refusal } from '@holdfast/activities/failure/refusal';
import { type Caller, isOperator } from '../auth/caller.ts';
import { isUuid } from '../http/request-ids.ts';

/** Who asks for a socket, and as whom. */
export interface SocketClaim {
  readonly caller: Caller;
  /** Whether a bearer was sent at all, valid or not. */
  readonly bearer: boolean;
  /** `X-Workspace-ID`: the workspace it wants to listen as. */
  readonly wanted: string | undefined;
}

/**
 * Whose ears a socket is: a workspace's, or null for the canvas, which hears everything. An agent's token without the
 * header listens as its own workspace.
 * @throws Refusal UNAUTHORIZED, INVALID_WORKSPACE_ID
 */
export function audienceOf({ caller, bearer, wanted }: SocketClaim): string | null {
  if (wanted !== undefined) {
    const id = wanted.trim().toLowerCase();
    if (!isUuid(id)) throw new Refusal('INVALID_WORKSPACE_ID', 'invalid workspace ID');
    if (caller.kind === 'workspace' && caller.workspaceId === id) return id;
    throw new Refusal('UNAUTHORIZED', bearer ? 'invalid workspace auth token' : 'missing workspace auth token');
  }
  if (isOperator(caller)) return null;
  if (caller.kind === 'workspace') return caller.workspaceId;
  throw new Refusal('UNAUTHORIZED', bearer ? 'invalid admin auth token' : 'admin auth required');
}
