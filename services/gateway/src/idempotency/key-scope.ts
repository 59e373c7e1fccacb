import { createHash } from 'node:crypto';
import { Refusal } from '@holdfast/activities/failure/refusal';
import type { Cipher } from '@holdfast/activities/secret/cipher';
import type { FastifyRequest } from 'fastify';
import { credentialOf } from '../auth/caller.ts';

/** What a key names: one request of one credential on one route. */
export interface KeyScope {
  readonly scope: Uint8Array<ArrayBuffer>;
  /** Tells another request under the same key apart; a fingerprint, since a body may hold a secret worth guessing. */
  readonly requestHash: Uint8Array<ArrayBuffer>;
}

const sha256 = (...parts: readonly string[]): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(createHash('sha256').update(JSON.stringify(parts)).digest());

/**
 * The scope of a request's Idempotency-Key; null when it has none.
 * @throws Refusal when the key is no printable text of 1 to 255 characters
 */
export function keyScope(request: FastifyRequest, cipher: Cipher): KeyScope | null {
  const key = request.headers['idempotency-key'];
  if (key === undefined) return null;
  if (typeof key !== 'string' || !/^[\x21-\x7e]{1,255}$/.test(key)) {
    throw new Refusal('INVALID_REQUEST', 'Idempotency-Key must be 1 to 255 printable characters without spaces');
  }
  const credential = credentialOf(request.caller) ?? `address:${request.ip}`;
  return {
    scope: sha256(credential, request.method, request.routeOptions.url ?? '', key),
    requestHash: cipher.fingerprint(JSON.stringify([request.url, request.body ?? null])),
  };
}
