import type { Tx } from '@holdfast/prisma';

// A change of a global secret restarts whom it finds. One that comes up just after that look, and reads the secrets just
// before the change is committed, would run with the old value and nobody would know.

const CHANGE = 'holdfast global secret change';

/** Before the look at whom a change reaches. Until it is committed nobody reads secrets for a box. */
export async function holdSecretReaders(tx: Tx): Promise<void> {
  await tx.$executeRaw`SELECT pg_advisory_xact_lock(hashtext(${CHANGE}))`;
}

/**
 * Before the secrets are read for a box: of changes under way, none is missed. One that begins right after this finds the
 * workspace in its look, since what asked for the box was committed long before; so the lock need not be kept. The caller
 * holds no row, or it could wait in a circle.
 */
export async function awaitSecretChanges(db: Tx): Promise<void> {
  await db.$executeRaw`SELECT pg_advisory_xact_lock_shared(hashtext(${CHANGE}))`;
}
