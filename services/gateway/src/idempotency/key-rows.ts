import type { Cipher } from '@holdfast/activities/secret/cipher';
import { KEYS_KEPT_HOURS } from '@holdfast/activities/config/kept';
import { Refusal } from '@holdfast/activities/failure/refusal';
import { Prisma, type Tx } from '@holdfast/prisma';
import type { Answer } from '../http/answer.ts';
import type { AnswerOf } from './answer-of.ts';
import type { KeyScope } from './key-scope.ts';

/** One that is older is forgotten by a loop of the workers, or when it is used again. */
const KEPT = Prisma.sql`${KEYS_KEPT_HOURS} * interval '1 hour'`;

type Known =
  | { kind: 'answer'; status: number; body: unknown }
  | { kind: 'operation'; operationId: string; memo: unknown };

interface KeyRow {
  request_hash: Uint8Array;
  status: number | null;
  sealed_body: Uint8Array | null;
  operation_id: string | null;
}

/**
 * Makes the key ours, or tells what came of the request that has it. Of twins, the later ones wait in the INSERT until
 * the first commits or gives up: there is no "in progress" that a crash could leave behind.
 */
export async function claimKey(tx: Tx, { scope, requestHash }: KeyScope, cipher: Cipher): Promise<Known | null> {
  await tx.$executeRaw`DELETE FROM idempotency_keys WHERE scope = ${scope} AND created_at < clock_timestamp() - ${KEPT}`;
  const claimed = await tx.$executeRaw`
    INSERT INTO idempotency_keys (scope, request_hash, created_at) VALUES (${scope}, ${requestHash}, clock_timestamp())
    ON CONFLICT (scope) DO NOTHING`;
  if (claimed > 0) return null;
  const [row] = await tx.$queryRaw<KeyRow[]>`
    SELECT request_hash, status, sealed_body, operation_id FROM idempotency_keys WHERE scope = ${scope}`;
  if (!row || !Buffer.from(row.request_hash).equals(requestHash)) throw new Refusal('IDEMPOTENCY_MISMATCH');
  const kept = row.sealed_body === null ? null : (JSON.parse(cipher.open(row.sealed_body)) as unknown);
  if (row.operation_id !== null) return { kind: 'operation', operationId: row.operation_id, memo: kept };
  if (row.status === null || kept === null) throw new Error('a committed key has its answer');
  return { kind: 'answer', status: row.status, body: kept };
}

/** The answer may hold a token that is shown once, so it is sealed. */
export async function storeAnswer(tx: Tx, { scope }: KeyScope, answer: Answer, cipher: Cipher): Promise<void> {
  const sealed = cipher.seal(JSON.stringify(answer.body));
  await tx.$executeRaw`UPDATE idempotency_keys SET status = ${answer.status}, sealed_body = ${sealed} WHERE scope = ${scope}`;
}

/** An answer that operations will make: kept is what it will be made from. */
export async function storeOperation(tx: Tx, { scope }: KeyScope, answer: AnswerOf, cipher: Cipher): Promise<void> {
  const sealed = cipher.seal(JSON.stringify(answer.memo));
  await tx.$executeRaw`
    UPDATE idempotency_keys SET operation_id = ${answer.operationId}::uuid, sealed_body = ${sealed} WHERE scope = ${scope}`;
}
