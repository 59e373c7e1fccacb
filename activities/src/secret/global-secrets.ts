import type { Tx } from '@holdfast/prisma';
import { Refusal } from '../failure/refusal.ts';
import type { Cipher } from './cipher.ts';
import { checkSecret } from './secret-names.ts';
import { SEALED_VERSION } from './secret-values.ts';
import type { SecretLine } from './workspace-secrets.ts';

/** The secrets every workspace gets, by name. */
export function listGlobalSecrets(tx: Tx): Promise<SecretLine[]> {
  return tx.$queryRaw<SecretLine[]>`
    SELECT 'global' AS scope, key, created_at AS "createdAt", updated_at AS "updatedAt"
    FROM global_secrets ORDER BY key COLLATE "C"`;
}

/**
 * Saves a secret for every workspace, over an older one of the same name.
 * @throws Refusal INVALID_REQUEST
 */
export async function saveGlobalSecret(tx: Tx, cipher: Cipher, secret: { key: string; value: string }): Promise<void> {
  checkSecret(secret.key, secret.value);
  await tx.$executeRaw`
    INSERT INTO global_secrets (key, encrypted_value, encryption_version)
    VALUES (${secret.key}, ${cipher.seal(secret.value)}, ${SEALED_VERSION})
    ON CONFLICT (key) DO UPDATE
    SET encrypted_value = EXCLUDED.encrypted_value, encryption_version = EXCLUDED.encryption_version, updated_at = now()`;
}

/** @throws Refusal NOT_FOUND when there is none of that name */
export async function deleteGlobalSecret(tx: Tx, key: string): Promise<void> {
  const { count } = await tx.globalSecret.deleteMany({ where: { key } });
  if (count === 0) throw new Refusal('NOT_FOUND', 'secret not found');
}
