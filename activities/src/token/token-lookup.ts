import { type Database, Prisma, type TokenPurpose } from '@holdfast/prisma';
import { tokenHash } from './tokens.ts';

/** Who a workspace token speaks for. */
export interface WorkspaceTokenOwner {
  readonly tokenId: string;
  readonly workspaceId: string;
  readonly purpose: TokenPurpose;
  /** The box the token was made for; null counts while the workspace has no current box. */
  readonly boxId: string | null;
}

/** Who an org token speaks for. */
export interface OrgTokenOwner {
  readonly tokenId: string;
  readonly prefix: string;
  readonly orgId: string | null;
  /** When it ends by itself; null: never. */
  readonly expiresAt: Date | null;
}

interface Used {
  /** True when the token's last use was noted more than a minute ago. */
  readonly noteDue: boolean;
}

/** Everything else cannot be a token of ours, and costs no query. */
const tokenShape = /^[A-Za-z0-9_-]{43}$/;

/** How stale the last use on record may be. A busy agent would otherwise write a row with every request. */
const noteDue = Prisma.sql`(t.last_used_at IS NULL OR t.last_used_at < now() - interval '1 minute')`;

/**
 * The one predicate of every workspace-token check: the hash is equal, the token is not revoked, its workspace is not
 * removed. Null tells nothing about which of them failed.
 * @throws when the database cannot be asked: an outage is not an invalid token
 */
export async function lookupWorkspaceToken(db: Database, plain: string): Promise<WorkspaceTokenOwner | null> {
  if (!tokenShape.test(plain)) return null;
  const [found] = await db.$queryRaw<(WorkspaceTokenOwner & Used)[]>`
    SELECT t.id AS "tokenId", t.workspace_id AS "workspaceId", t.purpose::text AS purpose, t.box_id AS "boxId",
           ${noteDue} AS "noteDue"
    FROM workspace_auth_tokens t JOIN workspaces w ON w.id = t.workspace_id
    WHERE t.token_hash = ${tokenHash(plain)} AND t.revoked_at IS NULL AND w.status <> 'removed'`;
  if (!found) return null;
  const { noteDue: due, ...owner } = found;
  if (due) await (owner.boxId ? noteAgentUse(db, owner.tokenId) : noteUse(db, 'workspace_auth_tokens', owner.tokenId));
  return owner;
}

/** A live org token: not revoked and not expired. Null tells nothing about which of them failed. */
export async function lookupOrgToken(db: Database, plain: string): Promise<OrgTokenOwner | null> {
  if (!tokenShape.test(plain)) return null;
  const [found] = await db.$queryRaw<(OrgTokenOwner & Used)[]>`
    SELECT t.id AS "tokenId", t.prefix, t.org_id AS "orgId", t.expires_at AS "expiresAt", ${noteDue} AS "noteDue"
    FROM org_api_tokens t
    WHERE t.token_hash = ${tokenHash(plain)} AND t.revoked_at IS NULL AND (t.expires_at IS NULL OR t.expires_at > now())`;
  if (!found) return null;
  const { noteDue: due, ...owner } = found;
  if (due) await noteUse(db, 'org_api_tokens', owner.tokenId);
  return owner;
}

/**
 * Best effort, as below. An agent that shows the token of its box has it for good: the nonce that brought it ends, and no
 * copy of either is kept.
 */
async function noteAgentUse(db: Database, tokenId: string): Promise<void> {
  try {
    await db.$executeRaw`
      WITH used AS (
        UPDATE workspace_auth_tokens SET last_used_at = now()
        WHERE id = (SELECT t.id FROM workspace_auth_tokens t WHERE t.id = ${tokenId}::uuid AND ${noteDue} FOR UPDATE SKIP LOCKED)
        RETURNING box_id
      )
      UPDATE boxes SET sealed_credentials = NULL, nonce_hash = NULL
      WHERE id IN (
        SELECT b.id FROM boxes b JOIN used ON used.box_id = b.id
        WHERE b.registered_at IS NOT NULL AND b.nonce_hash IS NOT NULL FOR UPDATE OF b SKIP LOCKED)`;
  } catch {
    // The next request tries again.
  }
}

/** Best effort: a token that cannot be marked as used is still a good token. */
async function noteUse(
  db: Database,
  table: 'workspace_auth_tokens' | 'org_api_tokens',
  tokenId: string,
): Promise<void> {
  const rows = Prisma.raw(table);
  try {
    // Skipping a locked row: whoever holds it notes the same use or revokes the token, and a request waits for neither.
    await db.$executeRaw`
      UPDATE ${rows} SET last_used_at = now()
      WHERE id = (SELECT t.id FROM ${rows} t WHERE t.id = ${tokenId}::uuid AND ${noteDue} FOR UPDATE SKIP LOCKED)`;
  } catch {
    // The next request tries again.
  }
}
