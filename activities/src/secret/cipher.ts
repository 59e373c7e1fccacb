import { createCipheriv, createDecipheriv, createHmac, createSecretKey, hkdfSync, randomBytes } from 'node:crypto';

const ALGORITHM = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const KEY_BYTES = 32;

/** Seals values with AES-256-GCM; the layout is nonce ‖ ciphertext ‖ tag, as the original wrote it. */
export interface Cipher {
  seal(plain: string): Uint8Array<ArrayBuffer>;
  /** @throws when the bytes were sealed with another key or changed since */
  open(sealed: Uint8Array): string;
  /** The same for the same text; without the key nobody can tell by it whether a guess was right. */
  fingerprint(text: string): Uint8Array<ArrayBuffer>;
}

/**
 * @param text standard base64 of exactly 32 bytes, or, only when it is not valid base64, 32 raw bytes
 * @throws RangeError when it is neither
 */
export function parseKey(text: string): Buffer {
  const looksBase64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(text);
  const key = looksBase64 ? Buffer.from(text, 'base64') : Buffer.from(text, 'utf8');
  if (key.length !== KEY_BYTES) {
    throw new RangeError('SECRETS_ENCRYPTION_KEY must be base64 of 32 bytes; make one with "openssl rand -base64 32"');
  }
  return key;
}

export function createCipher(keyText: string): Cipher {
  // Imported once: every beat opens a secret.
  const bytes = parseKey(keyText);
  const key = createSecretKey(bytes);
  // One key, one use: sealing and fingerprints do not share theirs.
  const fingerprints = createSecretKey(Buffer.from(hkdfSync('sha256', bytes, '', 'holdfast fingerprint', KEY_BYTES)));
  return {
    seal(plain) {
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv(ALGORITHM, key, nonce);
      const body = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final()]);
      return Uint8Array.from(Buffer.concat([nonce, body, cipher.getAuthTag()]));
    },
    open(sealed) {
      const bytes = Buffer.from(sealed);
      const decipher = createDecipheriv(ALGORITHM, key, bytes.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES });
      decipher.setAuthTag(bytes.subarray(bytes.length - TAG_BYTES));
      const plain = [decipher.update(bytes.subarray(NONCE_BYTES, bytes.length - TAG_BYTES)), decipher.final()];
      return Buffer.concat(plain).toString('utf8');
    },
    fingerprint: (text) => Uint8Array.from(createHmac('sha256', fingerprints).update(text).digest()),
  };
}
