import type { Tx } from '@holdfast/prisma';

/** Gateways listen here; the payload is the id of an operation that changed. */
export const operationChannel = 'holdfast_operation';

/** Tells every gateway, when this commits, that the operation changed. */
export async function announceOperation(tx: Tx, operationId: string): Promise<void> {
  await tx.$executeRaw`SELECT pg_notify(${operationChannel}, ${operationId})`;
}
