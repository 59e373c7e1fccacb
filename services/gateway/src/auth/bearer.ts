import { createHash, timingSafeEqual } from 'node:crypto';

/** The bearer of an Authorization header; the prefix is case-sensitive with one space. Null when there is none. */
export function bearerOf(header: string | undefined): string | null {
  if (!header?.startsWith('Bearer ')) return null;
  return header.slice('Bearer '.length).trim() || null;
}

export const secretHash = (plain: string): Buffer => createHash('sha256').update(plain).digest();

/** Compares hashes in constant time, so that neither the text nor its length shows in the answer's time. */
export const isSecret = (plain: string, hash: Uint8Array): boolean => timingSafeEqual(secretHash(plain), hash);
