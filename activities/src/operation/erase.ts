import { Prisma, type Database } from '@holdfast/prisma';
import type { ErasePlan, RunRef } from '@holdfast/workflows/operation/ports';
import { lockOwned, readOperation, wantsPurge } from './operation-row.ts';

/** What a delete still has to do once it has stopped what it could. */
export async function planErase(db: Database, run: RunRef): Promise<ErasePlan | null> {
  return db.$transaction(async (tx) => {
    const owned = await lockOwned(tx, run);
    if (!owned) return null;
    const boxes = await tx.box.findMany({
      where: { workspaceId: run.workspaceId, state: { not: 'gone' } },
      select: { id: true, owedReason: true },
    });
    const hosts = await tx.$queryRaw<
      { host: string }[]
    >`SELECT DISTINCT host FROM boxes WHERE workspace_id = ${run.workspaceId}::uuid`;
    return {
      owed: boxes.map(({ id, owedReason }) => `box ${id}: ${owedReason ?? 'not stopped yet'}`),
      volumes: hosts.map(({ host }) => ({ host, purge: wantsPurge(owned.operation) })),
    };
  });
}

/** What hangs on a workspace, in the order a purge deletes it. */
const dependants = [
  'agent_memories',
  'workspace_secrets',
  'workspace_config',
  'workspace_auth_tokens',
  'canvas_layouts',
] as const;

/** Deletes a purged workspace's rows. Its operations, boxes and events stay: they are the record. */
export async function eraseWorkspace(db: Database, run: RunRef): Promise<{ purged: boolean } | null> {
  return db.$transaction(async (tx) => {
    const owned = await lockOwned(tx, run);
    if (!owned) {
      // The second run of this step finds the row it has deleted gone.
      const operation = await readOperation(tx, run.operationId);
      const erased = operation?.state === 'running' && operation.run_id === run.runId && wantsPurge(operation);
      return erased ? { purged: true } : null;
    }
    if (!wantsPurge(owned.operation)) return { purged: false };
    for (const table of dependants) {
      await tx.$executeRaw`DELETE FROM ${Prisma.raw(table)} WHERE workspace_id = ${run.workspaceId}::uuid`;
    }
    await tx.$executeRaw`
      UPDATE workspaces SET parent_id = CASE WHEN parent_id = ${run.workspaceId}::uuid THEN NULL ELSE parent_id END,
                            forwarded_to = CASE WHEN forwarded_to = ${run.workspaceId}::uuid THEN NULL ELSE forwarded_to END
      WHERE parent_id = ${run.workspaceId}::uuid OR forwarded_to = ${run.workspaceId}::uuid`;
    await tx.$executeRaw`DELETE FROM workspaces WHERE id = ${run.workspaceId}::uuid`;
    return { purged: true };
  });
}
