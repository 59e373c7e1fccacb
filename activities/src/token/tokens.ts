import { createHash, randomBytes } from 'node:crypto';
import type { TokenPurpose, Tx } from '@holdfast/prisma';

/** Tells every gateway that tokens ended: the payload is the id of their workspace, or `org`. */
export const tokenChannel = 'holdfast_token';

/** 32 random bytes, base64url without padding: 43 characters, shown once. */
export const newToken = (): string => randomBytes(32).toString('base64url');

/** What the database keeps of a token. */
export const tokenHash = (plain: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(createHash('sha256').update(plain).digest());

export const tokenPrefix = (plain: string): string => plain.slice(0, 8);

/** Stores a token of a workspace; an agent's token counts only while its box is the current one. */
export async function storeToken(
  tx: Tx,
  token: { workspaceId: string; plain: string; purpose: TokenPurpose; boxId?: string },
): Promise<void> {
  await tx.workspaceAuthToken.createMany({
    data: {
      workspaceId: token.workspaceId,
      tokenHash: tokenHash(token.plain),
      prefix: tokenPrefix(token.plain),
      purpose: token.purpose,
      boxId: token.boxId ?? null,
    },
    skipDuplicates: true,
  });
}

/** Revokes the live tokens of a workspace; `purpose` narrows it to one kind. */
export async function revokeTokens(tx: Tx, workspaceId: string, purpose?: TokenPurpose): Promise<number> {
  const { count } = await tx.workspaceAuthToken.updateMany({
    where: { workspaceId, revokedAt: null, ...(purpose ? { purpose } : {}) },
    data: { revokedAt: new Date() },
  });
  if (count > 0) await announceRevoked(tx, workspaceId);
  return count;
}

/** Makes gateways forget what they know of these tokens, once this transaction commits. */
export async function announceRevoked(tx: Tx, whose: string): Promise<void> {
  await tx.$executeRaw`SELECT pg_notify(${tokenChannel}, ${whose})`;
}
