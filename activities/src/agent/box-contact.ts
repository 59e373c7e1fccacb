import type { Tx } from '@holdfast/prisma';

/** How long an agent may be silent before its workspace counts as gone, in milliseconds. */
export const LIVENESS_MS = 180_000;

/**
 * Notes that the agent of a box has registered by its nonce. The answer brings its token and may be lost: the nonce works,
 * and the same answer is given again, until the agent has shown the token.
 */
export async function noteNonceContact(tx: Tx, boxId: string): Promise<void> {
  await tx.$executeRaw`
    UPDATE boxes SET registered_at = clock_timestamp() WHERE id = ${boxId}::uuid AND registered_at IS NULL`;
}

/**
 * Notes on the ledger that the agents of these boxes have spoken up: what a bring-up waits for. Their credentials have
 * arrived, so no copy is kept. The caller holds the locks on their workspaces.
 */
export async function noteFirstContact(tx: Tx, boxIds: readonly string[]): Promise<void> {
  if (boxIds.length === 0) return;
  await tx.$executeRaw`
    UPDATE boxes SET registered_at = coalesce(registered_at, clock_timestamp()), sealed_credentials = NULL, nonce_hash = NULL
    WHERE id = ANY(${boxIds}::uuid[]) AND (registered_at IS NULL OR nonce_hash IS NOT NULL)`;
}
