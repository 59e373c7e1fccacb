import { createHash, createHmac, hkdfSync } from 'node:crypto';
import { parseKey } from '@holdfast/activities/secret/cipher';

/** What a box proves itself with when it fetches its environment. */
export interface Nonces {
  /** The same for the same salt: a repeated create must say the same to the cloud. The salt alone tells nothing. */
  nonceOf(salt: Uint8Array): string;
}

const KEY_BYTES = 32;

export function createNonces(encryptionKey: string): Nonces {
  const key = Buffer.from(hkdfSync('sha256', parseKey(encryptionKey), '', 'holdfast boot nonce', KEY_BYTES));
  return { nonceOf: (salt) => createHmac('sha256', key).update(salt).digest('base64url') };
}

/** All that is kept of a nonce. */
export const nonceDigest = (nonce: string): Buffer => createHash('sha256').update(nonce).digest();
