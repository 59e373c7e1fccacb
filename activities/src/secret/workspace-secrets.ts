import type { Tx } from '@holdfast/prisma';
import { Refusal } from '../failure/refusal.ts';
import { lockLiveWorkspace } from '../workspace/live-workspace.ts';
import type { Cipher } from './cipher.ts';
import { checkSecret } from './secret-names.ts';
import { SEALED_VERSION, type SecretScope } from './secret-values.ts';

/** What a list shows of a secret: that it is there, never its value. */
export interface SecretLine {
  readonly key: string;
  readonly scope: SecretScope;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/** The secrets a workspace gets: its own by name, then the global ones that it does not override. */
export function listWorkspaceSecrets(tx: Tx, workspaceId: string): Promise<SecretLine[]> {
  return tx.$queryRaw<SecretLine[]>`
    SELECT 'workspace' AS scope, key COLLATE "C" AS key, created_at AS "createdAt", updated_at AS "updatedAt"
    FROM workspace_secrets WHERE workspace_id = ${workspaceId}::uuid
    UNION ALL
    SELECT 'global', g.key COLLATE "C", g.created_at, g.updated_at
    FROM global_secrets g
    WHERE NOT EXISTS (SELECT 1 FROM workspace_secrets s WHERE s.workspace_id = ${workspaceId}::uuid AND s.key = g.key)
    ORDER BY scope DESC, key`;
}

/**
 * Saves a secret of a workspace, over an older one of the same name.
 * @throws Refusal INVALID_REQUEST or WORKSPACE_NOT_FOUND
 */
export async function saveWorkspaceSecret(
  tx: Tx,
  cipher: Cipher,
  secret: { workspaceId: string; key: string; value: string },
): Promise<void> {
  checkSecret(secret.key, secret.value);
  await lockLiveWorkspace(tx, secret.workspaceId);
  await writeWorkspaceSecret(tx, cipher, secret);
}

/** @throws Refusal NOT_FOUND when the workspace has no secret of that name */
export async function deleteWorkspaceSecret(tx: Tx, workspaceId: string, key: string): Promise<void> {
  await tx.$executeRaw`SELECT 1 FROM workspaces WHERE id = ${workspaceId}::uuid FOR NO KEY UPDATE`;
  const { count } = await tx.workspaceSecret.deleteMany({ where: { workspaceId, key } });
  if (count === 0) throw new Refusal('NOT_FOUND', 'secret not found');
}

/** Writes without locking, for a workspace row the transaction already holds; the caller has checked name and value. */
export async function writeWorkspaceSecret(
  tx: Tx,
  cipher: Cipher,
  secret: { workspaceId: string; key: string; value: string },
): Promise<void> {
  await tx.$executeRaw`
    INSERT INTO workspace_secrets (workspace_id, key, encrypted_value, encryption_version)
    VALUES (${secret.workspaceId}::uuid, ${secret.key}, ${cipher.seal(secret.value)}, ${SEALED_VERSION})
    ON CONFLICT (workspace_id, key) DO UPDATE
    SET encrypted_value = EXCLUDED.encrypted_value, encryption_version = EXCLUDED.encryption_version, updated_at = now()`;
}
