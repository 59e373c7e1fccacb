import type { TokenPurpose, Tx } from '@holdfast/prisma';
import { Refusal } from '../failure/refusal.ts';
import { lockLiveWorkspace } from '../workspace/live-workspace.ts';
import { announceRevoked, newToken, storeToken } from './tokens.ts';

/** Live tokens a workspace may have, its agent's included. */
const MOST_LIVE_TOKENS = 50;

/** What a list shows of a token: never the token. */
export interface WorkspaceTokenLine {
  readonly id: string;
  readonly prefix: string;
  readonly purpose: TokenPurpose;
  readonly createdAt: Date;
  readonly lastUsedAt: Date | null;
}

/** Live tokens of one workspace, newest first. */
export function listWorkspaceTokens(
  tx: Tx,
  page: { workspaceId: string; limit: number; offset: number },
): Promise<WorkspaceTokenLine[]> {
  return tx.workspaceAuthToken.findMany({
    where: { workspaceId: page.workspaceId, revokedAt: null },
    select: { id: true, prefix: true, purpose: true, createdAt: true, lastUsedAt: true },
    orderBy: [{ createdAt: 'desc' }, { id: 'desc' }],
    take: page.limit,
    skip: page.offset,
  });
}

/**
 * Makes a token for people and scripts; it survives restarts. The workspace's row is locked first, so that two
 * requests cannot both take the last place.
 * @returns the token itself, which is stored nowhere
 * @throws Refusal WORKSPACE_NOT_FOUND, or TOKEN_LIMIT at fifty live tokens
 */
export async function mintUserToken(tx: Tx, workspaceId: string): Promise<string> {
  await lockLiveWorkspace(tx, workspaceId);
  if ((await countLiveTokens(tx, workspaceId)) >= MOST_LIVE_TOKENS) {
    throw new Refusal('TOKEN_LIMIT', `maximum ${MOST_LIVE_TOKENS} active tokens per workspace`);
  }
  return storeNewUserToken(tx, workspaceId);
}

/**
 * Makes a token without counting, for scripts that test the platform: they ask for one at each run.
 * @throws Refusal WORKSPACE_NOT_FOUND
 */
export async function mintTestToken(tx: Tx, workspaceId: string): Promise<string> {
  // Shared with other inserts, but not with a purge of the row.
  const [workspace] = await tx.$queryRaw<unknown[]>`
    SELECT 1 FROM workspaces WHERE id = ${workspaceId}::uuid FOR KEY SHARE`;
  if (!workspace) throw new Refusal('WORKSPACE_NOT_FOUND', 'workspace not found');
  return storeNewUserToken(tx, workspaceId);
}

/** @throws Refusal NOT_FOUND when the workspace has no such live token */
export async function revokeWorkspaceToken(tx: Tx, workspaceId: string, tokenId: string): Promise<void> {
  const { count } = await tx.workspaceAuthToken.updateMany({
    where: { id: tokenId, workspaceId, revokedAt: null },
    data: { revokedAt: new Date() },
  });
  if (count === 0) throw new Refusal('NOT_FOUND', 'token not found or already revoked');
  await announceRevoked(tx, workspaceId);
}

/** Tokens of a workspace that are not revoked, whatever its status. */
export const countLiveTokens = (tx: Tx, workspaceId: string): Promise<number> =>
  tx.workspaceAuthToken.count({ where: { workspaceId, revokedAt: null } });

async function storeNewUserToken(tx: Tx, workspaceId: string): Promise<string> {
  const plain = newToken();
  await storeToken(tx, { workspaceId, plain, purpose: 'user' });
  return plain;
}
