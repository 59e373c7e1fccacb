import { randomUUID } from 'node:crypto';
import type { Database } from '@holdfast/prisma';
import { addWorkspace } from './gateway.ts';

/** A workspace with an operation that runs, though nobody carries it out. */
export async function addOperationOf(db: Database): Promise<{ operationId: string; workspaceId: string }> {
  const operationId = randomUUID();
  const workspaceId = await addWorkspace(db);
  await db.operation.create({
    data: {
      id: operationId,
      orgId: 'default',
      workspaceId,
      kind: 'restart',
      actor: 'admin-token',
      state: 'running',
      runId: randomUUID(),
    },
  });
  return { operationId, workspaceId };
}
