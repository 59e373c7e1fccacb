import { randomBytes, randomUUID } from 'node:crypto';
import path from 'node:path';
import { parseKey } from '@holdfast/activities/secret/cipher';
import { StartFailure } from '../failure.ts';
import type { LauncherConfig } from './config.ts';
import { keptFile } from './kept-files.ts';

/** What makes this installation itself; kept outside its database, so that a wiped one still knows its boxes. */
export interface Identity {
  readonly owner: string;
  readonly adminToken: string;
  readonly encryptionKey: string;
}

/**
 * The installation's identity: what the environment gives, else what `.data` keeps, made on the first start.
 * @throws StartFailure when the encryption key is none
 */
export function identityOf(config: LauncherConfig): Identity {
  const secret = (name: string, make: () => string) => keptFile(path.join(config.data, 'secrets', name), 0o600, make);
  const encryptionKey = config.encryptionKey ?? secret('encryption-key', () => randomBytes(32).toString('base64'));
  try {
    parseKey(encryptionKey);
  } catch {
    throw new StartFailure(
      config.encryptionKey === undefined
        ? `${path.join(config.data, 'secrets/encryption-key')} holds no key: restore it, or remove the folder and lose the secrets kept with it.`
        : 'SECRETS_ENCRYPTION_KEY is not base64 of 32 bytes: make one with "openssl rand -base64 32", or leave it out.',
    );
  }
  return {
    encryptionKey,
    adminToken: config.adminToken ?? secret('admin-token', () => randomBytes(32).toString('base64url')),
    owner: config.owner ?? keptFile(path.join(config.data, 'owner-id'), 0o644, randomUUID),
  };
}
