import { randomUUID } from 'node:crypto';
import { announceOperation } from '@holdfast/activities/operation/notices';
import { waitFor } from '@holdfast/infra/testing/index';
import type { Database, Operation } from '@holdfast/prisma';
import { addWorkspace } from './gateway.ts';

type Columns = Parameters<typeof addWorkspace>[1];

/** A host that some worker has served: without one nothing can be brought up. */
export const addBackend = (db: Database, kind = 'process', host = 'a-host'): Promise<unknown> =>
  db.backend.create({ data: { host, kind } });

/** A workspace that is up, with its box. */
export async function addRunning(db: Database, columns: Columns = {}): Promise<{ id: string; boxId: string }> {
  const boxId = randomUUID();
  const maker = randomUUID();
  const id = await addWorkspace(db, { host: 'a-host', backend: 'process', boxId, boxOperationId: maker, ...columns });
  await db.box.create({
    data: {
      id: boxId,
      workspaceId: id,
      operationId: maker,
      cycle: 1,
      owner: 'o',
      host: 'a-host',
      backend: 'process',
      state: 'running',
    },
  });
  return { id, boxId };
}

/** Writes the end of an operation as a worker would, once it is there. */
export async function endOperation(
  db: Database,
  where: { workspaceId: string; kind: Operation['kind'] },
  ending: Partial<Pick<Operation, 'state' | 'failureCode' | 'failureText' | 'supersededBy'>> = {},
): Promise<string> {
  const { id } = await waitFor(() =>
    db.operation.findFirst({ where: { ...where, state: 'accepted' }, orderBy: { seq: 'desc' } }),
  );
  await db.$transaction(async (tx) => {
    await tx.operation.update({ where: { id }, data: { state: 'succeeded', endedAt: new Date(), ...ending } });
    await tx.workspace.updateMany({ where: { operationId: id }, data: { operationId: null } });
    await announceOperation(tx, id);
  });
  return id;
}

/** What the events of a workspace say, oldest first. */
export async function eventsOf(db: Database, workspaceId: string): Promise<[string, unknown][]> {
  const rows = await db.structureEvent.findMany({ where: { workspaceId }, orderBy: { seq: 'asc' } });
  return rows.map(({ eventType, payload }) => [eventType, payload]);
}

export const statusOf = async (db: Database, id: string): Promise<string | null> =>
  (await db.workspace.findUnique({ where: { id }, select: { status: true } }))?.status ?? null;

/** An operation as a request would have left it, of a workspace of its own unless one is named. */
export async function addOperation(
  db: Database,
  columns: Record<string, unknown> = {},
): Promise<{ id: string; workspaceId: string }> {
  const id = randomUUID();
  const workspaceId = (columns['workspaceId'] as string | undefined) ?? (await addWorkspace(db));
  await db.operation.create({
    data: { id, orgId: 'default', workspaceId, kind: 'provision', actor: 'admin-token', ...columns } as never,
  });
  return { id, workspaceId };
}
