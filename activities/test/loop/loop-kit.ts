import { randomUUID } from 'node:crypto';
import { type TestDatabase, testDatabase } from '@holdfast/infra/testing/index';
import type { Database, Prisma } from '@holdfast/prisma';
import { pino } from 'pino';
import { afterAll, beforeAll, beforeEach } from 'vitest';
import type { LoopContext } from '../../src/loop/row-by-row.ts';
import { givenWorkspace } from '../given-workspace.ts';

export interface LoopKit {
  readonly db: Database;
  readonly context: LoopContext;
  /** Ids of workspaces, in the order they were poked. */
  readonly poked: string[];
  /** A workspace whose box, made long ago by an operation that succeeded, is current. */
  givenBoxed(wanted?: Partial<Prisma.WorkspaceUncheckedCreateInput>): Promise<string>;
  /** An operation that has not ended owns the workspace. */
  own(workspaceId: string, kind: Prisma.OperationCreateInput['kind']): Promise<string>;
  row(workspaceId: string): ReturnType<Database['workspace']['findUniqueOrThrow']>;
  /** Types and payloads of its events, in order. */
  events(workspaceId: string): Promise<[string, unknown][]>;
  operations(workspaceId: string): ReturnType<Database['operation']['findMany']>;
}

export const ago = (ms: number): Date => new Date(Date.now() - ms);
export const MINUTE = 60_000;

/** A database of the file's own, emptied before each test, with one host that serves boxes. */
export function useLoopKit(): LoopKit {
  let opened: TestDatabase;
  const poked: string[] = [];
  const log = pino({ level: 'silent' });
  beforeAll(async () => {
    opened = await testDatabase();
  });
  afterAll(() => opened.dispose());
  beforeEach(async () => {
    poked.length = 0;
    const { database } = opened;
    await database.$executeRaw`TRUNCATE workspaces, operations, boxes, structure_events, backends CASCADE`;
    await database.backend.create({ data: { host: 'here', kind: 'docker' } });
  });
  const db = () => opened.database;
  return {
    get db() {
      return db();
    },
    get context() {
      return { db: db(), log, poker: { poke: async (id: string) => void poked.push(id) } };
    },
    poked,
    async givenBoxed(wanted = {}) {
      const [operationId, boxId] = [randomUUID(), randomUUID()];
      const id = await givenWorkspace(db(), {
        host: 'here',
        backend: 'docker',
        boxId,
        boxOperationId: operationId,
        ...wanted,
      } as never);
      await db().box.create({
        data: {
          id: boxId,
          workspaceId: id,
          operationId,
          cycle: 1,
          owner: 'owner',
          host: 'here',
          backend: 'docker',
          state: 'running',
          createdAt: ago(60 * MINUTE),
        },
      });
      return id;
    },
    async own(workspaceId, kind) {
      const id = randomUUID();
      await db().operation.create({
        data: { id, orgId: 'default', workspaceId, kind, state: 'running', actor: 'test', runId: randomUUID() },
      });
      await db().workspace.update({ where: { id: workspaceId }, data: { operationId: id } });
      return id;
    },
    row: (id) => db().workspace.findUniqueOrThrow({ where: { id } }),
    async events(workspaceId) {
      const events = await db().structureEvent.findMany({ where: { workspaceId }, orderBy: { seq: 'asc' } });
      return events.map(({ eventType, payload }) => [eventType, payload]);
    },
    operations: (workspaceId) => db().operation.findMany({ where: { workspaceId }, orderBy: { seq: 'asc' } }),
  };
}
