import { randomUUID } from 'node:crypto';
import type { Database } from '@holdfast/prisma';
import type { OperationKind, OperationState } from '@holdfast/workflows/operation/operation';
import type { RunRef } from '@holdfast/workflows/operation/ports';

/** An operation row as a request would have left it; returns its id. */
export async function givenOperation(
  db: Database,
  workspaceId: string,
  wanted: { kind: OperationKind; state?: OperationState; runId?: string; request?: object; phase?: string },
): Promise<string> {
  const id = randomUUID();
  const { kind, state = 'accepted', ...rest } = wanted;
  await db.operation.create({ data: { id, orgId: 'default', workspaceId, kind, state, actor: 'test', ...rest } });
  return id;
}

/** The same, owning its workspace and carried out by a run. */
export async function givenOwner(
  db: Database,
  workspaceId: string,
  wanted: { kind: OperationKind; request?: object; phase?: string },
): Promise<RunRef> {
  const runId = randomUUID();
  const operationId = await givenOperation(db, workspaceId, { ...wanted, state: 'running', runId });
  await db.workspace.update({ where: { id: workspaceId }, data: { operationId } });
  return { operationId, workspaceId, runId };
}

/** A box on the ledger; returns its id. */
export async function givenBox(
  db: Database,
  run: RunRef,
  wanted: {
    state?: 'creating' | 'running' | 'stopping' | 'gone' | 'owed';
    host?: string;
    cycle?: number;
    current?: boolean;
  },
): Promise<string> {
  const id = randomUUID();
  const { state = 'running', host = 'here', cycle = 1, current = false } = wanted;
  await db.box.create({
    data: { id, ...only(run), owner: 'owner', backend: 'process', state, host, cycle },
  });
  if (current) {
    await db.workspace.update({ where: { id: run.workspaceId }, data: { boxId: id, boxOperationId: run.operationId } });
  }
  return id;
}

const only = ({ operationId, workspaceId }: RunRef) => ({ operationId, workspaceId });

/** Everything the database holds of a workspace, times included: what a step that runs again may not change. */
export async function everythingOf(db: Database, workspaceId: string): Promise<unknown> {
  const of = { where: { workspaceId } };
  const operations = await db.operation.findMany({ ...of, orderBy: { seq: 'asc' } });
  const ids = operations.map(({ id }) => id);
  const rows = {
    workspace: await db.workspace.findUnique({ where: { id: workspaceId } }),
    operations,
    steps: await db.operationStep.findMany({
      where: { operationId: { in: ids } },
      orderBy: [{ operationId: 'asc' }, { seq: 'asc' }],
    }),
    boxes: await db.box.findMany({ ...of, orderBy: { createdAt: 'asc' } }),
    events: await db.structureEvent.findMany({ ...of, orderBy: { seq: 'asc' } }),
    tokens: await db.workspaceAuthToken.findMany({ ...of, orderBy: { createdAt: 'asc' } }),
    secrets: await db.workspaceSecret.findMany(of),
    layouts: await db.canvasLayout.findMany(of),
  };
  return JSON.parse(JSON.stringify(rows, (_, value: unknown) => (typeof value === 'bigint' ? Number(value) : value)));
}

/** Waits on nothing: what is thrown, for a look at more than its message. */
export async function thrownBy(work: Promise<unknown>): Promise<unknown> {
  try {
    await work;
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}
