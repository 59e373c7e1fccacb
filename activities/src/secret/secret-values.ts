import type { Tx } from '@holdfast/prisma';
import { refuse } from '@holdfast/workflows/failure/codes';
import type { Cipher } from './cipher.ts';
import { isReservedName } from './secret-names.ts';

export type SecretScope = 'global' | 'workspace';

/** How a stored value is to be read; a new way gets a new number and keeps the old ones. */
const PLAIN_VERSION = 0;
export const SEALED_VERSION = 1;

/** A secret as it is stored. */
export interface SealedSecret {
  readonly scope: SecretScope;
  readonly key: string;
  readonly encryptedValue: Uint8Array;
  readonly encryptionVersion: number;
}

/** The secrets of one workspace in the clear, and those that could not be read. */
export interface OpenedSecrets {
  /** Its own over the global ones of the same name. */
  readonly values: ReadonlyMap<string, string>;
  readonly unreadable: readonly Pick<SealedSecret, 'scope' | 'key'>[];
}

/**
 * Reads a stored value by its version. Version 0 was written without a key and stays readable.
 * @throws Error for a value sealed with another key or by a newer release; the text never holds the value
 */
export function openSecret(cipher: Cipher, secret: Pick<SealedSecret, 'encryptedValue' | 'encryptionVersion'>): string {
  switch (secret.encryptionVersion) {
    case PLAIN_VERSION:
      return Buffer.from(secret.encryptedValue).toString('utf8');
    case SEALED_VERSION:
      return cipher.open(secret.encryptedValue);
    default:
      throw new RangeError(`unknown encryption version ${secret.encryptionVersion}: upgrade required`);
  }
}

/**
 * Every secret a workspace gets, in its boxes and from the platform alike. Names the platform reserves are left out:
 * rows older than the rule may have them. One that cannot be read counts as unreadable even where another one hides it: a
 * wrong key is better found at once than when the other is deleted.
 */
export async function openSecrets(tx: Tx, cipher: Cipher, workspaceId: string): Promise<OpenedSecrets> {
  // One statement, so that both tables are seen at the same instant. Globals first: the workspace's own come over them.
  const rows = await tx.$queryRaw<SealedSecret[]>`
    SELECT 'global' AS scope, key, encrypted_value AS "encryptedValue", encryption_version AS "encryptionVersion"
    FROM global_secrets
    UNION ALL
    SELECT 'workspace', key, encrypted_value, encryption_version
    FROM workspace_secrets WHERE workspace_id = ${workspaceId}::uuid
    ORDER BY 1, 2`;
  const values = new Map<string, string>();
  const unreadable: SealedSecret[] = [];
  for (const row of rows.filter(({ key }) => !isReservedName(key))) {
    try {
      values.set(row.key, openSecret(cipher, row));
    } catch {
      unreadable.push(row);
    }
  }
  return { values, unreadable };
}

/**
 * What a box gets from the secrets.
 * @throws GLOBAL_SECRET_UNREADABLE or WORKSPACE_SECRET_UNREADABLE, for good
 */
export async function loadEnvironmentSecrets(
  tx: Tx,
  cipher: Cipher,
  workspaceId: string,
): Promise<Map<string, string>> {
  const { values, unreadable } = await openSecrets(tx, cipher, workspaceId);
  if (unreadable.some(({ scope }) => scope === 'global')) refuse('GLOBAL_SECRET_UNREADABLE');
  if (unreadable.length > 0) refuse('WORKSPACE_SECRET_UNREADABLE');
  return new Map(values);
}
