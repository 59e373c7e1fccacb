import type { Database, Prisma } from '@holdfast/prisma';
import { createWorkspace, type Created, type NewWorkspace } from '@holdfast/activities/workspace/create-workspace';
import { requestDelete } from '@holdfast/activities/workspace/delete-workspace';
import type { TreeIntake } from '@holdfast/activities/workspace/tree-intake';
import type { OperationState } from '@holdfast/workflows/operation/operation';
import { isEnded } from '@holdfast/workflows/operation/operation';
import { waitFor } from '@holdfast/infra/testing/index';
import type { Cipher } from '@holdfast/activities/secret/cipher';
import { aWorkspace } from '@holdfast/infra/testing/a-workspace';
import { cipher } from './rig.ts';

export type Provisioning = Extract<Created, { status: 'provisioning' }>;

export async function givenWorkspace(
  db: Database,
  fields: Partial<NewWorkspace> = {},
  by: Cipher = cipher,
): Promise<Provisioning> {
  const created = await db.$transaction((tx) =>
    createWorkspace(tx, aWorkspace(fields), { cipher: by, orgId: 'default', actor: 'test' }),
  );
  if (created.status !== 'provisioning') throw new Error('the platform runs its box');
  return created;
}

/** Asks for a delete as the gateway does, children and all; answers with what became of the request. */
export async function whenTreeDeleted(db: Database, workspaceId: string, purge = false): Promise<TreeIntake> {
  const intake = await db.$transaction((tx) => requestDelete(tx, { workspaceId, confirm: true, purge, actor: 'test' }));
  if (intake.settled) throw new Error('there was nothing to delete');
  return intake;
}

/** The same for a workspace without children; answers with the id of its operation. */
export async function whenDeleted(db: Database, workspaceId: string, purge = false): Promise<string> {
  const { treeId } = await whenTreeDeleted(db, workspaceId, purge);
  if (!treeId) throw new Error('a delete has an operation');
  return treeId;
}

export async function ended(db: Database, operationId: string, timeoutMs = 60_000): Promise<OperationState> {
  return waitFor(
    async () => {
      const { state } = await db.operation.findUniqueOrThrow({ where: { id: operationId } });
      return isEnded(state) ? state : undefined;
    },
    { timeoutMs, what: `the end of operation ${operationId}` },
  );
}

/** Every operation of the workspaces has ended, whoever saw to it. */
export async function allEnded(db: Database, workspaceIds: readonly string[], timeoutMs: number): Promise<void> {
  const isOpen: Prisma.OperationWhereInput = {
    workspaceId: { in: [...workspaceIds] },
    state: { in: ['accepted', 'running'] },
  };
  await waitFor(async () => (await db.operation.count({ where: isOpen })) === 0, {
    timeoutMs,
    what: 'the end of every operation',
  });
}

/** The agent of the current box registers, as far as the rows know. */
export async function agentRegisters(db: Database, workspaceId: string): Promise<boolean> {
  return db.$transaction(async (tx) => {
    await tx.$executeRaw`SELECT 1 FROM workspaces WHERE id = ${workspaceId}::uuid FOR UPDATE`;
    const box = await tx.box.findFirst({ where: { workspaceId, state: { in: ['creating', 'running'] } } });
    if (!box) return false;
    await tx.box.update({ where: { id: box.id }, data: { registeredAt: new Date() } });
    await tx.workspace.updateMany({
      where: { id: workspaceId, status: { in: ['provisioning', 'failed'] } },
      data: { status: 'online' },
    });
    return true;
  });
}
