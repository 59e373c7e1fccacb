import type { Tx } from '@holdfast/prisma';
import { Refusal } from '../failure/refusal.ts';
import { announceRevoked, newToken, tokenHash, tokenPrefix } from './tokens.ts';

/** An org token ends by itself unless its maker says otherwise. */
const ORG_TOKEN_DAYS = 90;
const MOST_LISTED = 500;
const MOST_NAME_BYTES = 100;
const DAY_MS = 86_400_000;
const LAST_END = Date.UTC(9999, 11, 31);

/** What a list shows of an org token: never the token. */
export interface OrgTokenLine {
  readonly id: string;
  readonly prefix: string;
  readonly name: string | null;
  readonly orgId: string | null;
  readonly createdBy: string | null;
  readonly createdAt: Date;
  readonly lastUsedAt: Date | null;
  readonly expiresAt: Date | null;
}

export interface NewOrgToken {
  readonly name?: string | undefined;
  readonly orgId: string | null;
  /** Who made it: the kind of credential, and for an org token its prefix. */
  readonly createdBy: string;
  /** Null: never. Left out: after ninety days. */
  readonly expiresAt?: Date | null | undefined;
}

/** Live org tokens, newest first, at most 500. */
export function listOrgTokens(tx: Tx): Promise<OrgTokenLine[]> {
  return tx.orgApiToken.findMany({
    where: { revokedAt: null, OR: [{ expiresAt: null }, { expiresAt: { gt: new Date() } }] },
    select: {
      id: true,
      prefix: true,
      name: true,
      orgId: true,
      createdBy: true,
      createdAt: true,
      lastUsedAt: true,
      expiresAt: true,
    },
    orderBy: [{ createdAt: 'desc' }, { id: 'desc' }],
    take: MOST_LISTED,
  });
}

/**
 * @returns the row's line, and the token itself, which is stored nowhere
 * @throws Refusal INVALID_REQUEST when the name is longer than 100 bytes or the end is past
 */
export async function mintOrgToken(tx: Tx, wanted: NewOrgToken): Promise<{ line: OrgTokenLine; plain: string }> {
  if (Buffer.byteLength(wanted.name ?? '') > MOST_NAME_BYTES) {
    throw new Refusal('INVALID_REQUEST', `name too long (max ${MOST_NAME_BYTES} chars)`);
  }
  const now = Date.now();
  const expiresAt = wanted.expiresAt === undefined ? new Date(now + ORG_TOKEN_DAYS * DAY_MS) : wanted.expiresAt;
  // Four digits of year are what every client can read; "never" is null.
  if (expiresAt && expiresAt.getTime() > LAST_END) throw new Refusal('INVALID_REQUEST', 'expires_at is too far away');
  if (expiresAt && expiresAt.getTime() <= now) throw new Refusal('INVALID_REQUEST', 'expires_at must be in the future');
  const plain = newToken();
  const {
    tokenHash: _hash,
    revokedAt: _revokedAt,
    ...line
  } = await tx.orgApiToken.create({
    data: {
      tokenHash: tokenHash(plain),
      prefix: tokenPrefix(plain),
      name: wanted.name || null,
      orgId: wanted.orgId,
      createdBy: wanted.createdBy,
      expiresAt,
    },
  });
  return { line, plain };
}

/** @throws Refusal NOT_FOUND when there is no such live org token */
export async function revokeOrgToken(tx: Tx, tokenId: string): Promise<void> {
  const { count } = await tx.orgApiToken.updateMany({
    where: { id: tokenId, revokedAt: null },
    data: { revokedAt: new Date() },
  });
  if (count === 0) throw new Refusal('NOT_FOUND', 'token not found or already revoked');
  await announceRevoked(tx, 'org');
}
