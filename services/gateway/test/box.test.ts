import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { BoxReader } from '../src/box/box-reader.ts';
import { BoxList } from '../src/box/box.dto.ts';
import { type TestGateway, testGateway } from './support/gateway.ts';
import { addOperation } from './support/given.ts';

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await testGateway();
});
afterAll(() => gateway.close());

test('boxes say why they are owed and which operations touched them', async () => {
  const { id: maker, workspaceId } = await addOperation(gateway.db, {
    state: 'succeeded',
    beganAt: new Date(1_000),
    endedAt: new Date(5_000),
  });
  const { id: later } = await addOperation(gateway.db, {
    workspaceId,
    kind: 'delete',
    state: 'failed',
    beganAt: new Date(8_000),
    endedAt: new Date(9_000),
  });
  await addOperation(gateway.db, { workspaceId, kind: 'restart' });
  const data = { workspaceId, operationId: maker, cycle: 1, owner: 'o', host: 'h', backend: 'docker' };
  const owed = randomUUID();
  await gateway.db.box.create({
    data: {
      ...data,
      id: owed,
      state: 'owed',
      owedReason: 'the engine is away',
      attempts: 3,
      createdAt: new Date(2_000),
    },
  });
  await gateway.db.box.create({
    data: { ...data, id: randomUUID(), state: 'gone', createdAt: new Date(2_000), goneAt: new Date(3_000) },
  });
  const boxes = BoxList.parse((await gateway.call('GET', `/boxes?workspace_id=${workspaceId.toUpperCase()}`)).json());
  expect(boxes).toMatchObject([
    {
      id: owed,
      state: 'owed',
      owed_reason: 'the engine is away',
      attempts: 3,
      workspace_name: 'a workspace',
      current: false,
    },
  ]);
  expect(boxes[0]?.operations.map(({ id, made_it }) => [id, made_it])).toEqual([
    [maker, true],
    [later, false],
  ]);
  const gone = BoxList.parse((await gateway.call('GET', `/boxes?workspace_id=${workspaceId}&state=gone`)).json());
  expect(gone[0]?.operations.map(({ id }) => id)).toEqual([maker]);
});

test('of a long history each box shows the twenty operations that touched it last, and no others are read', async () => {
  const hour = (n: number) => new Date(n * 3_600_000);
  const { id: first, workspaceId } = await addOperation(gateway.db, {
    state: 'succeeded',
    beganAt: hour(0),
    endedAt: hour(1),
  });
  const data = { workspaceId, operationId: first, cycle: 1, owner: 'o', host: 'h', backend: 'docker' };
  await gateway.db.box.create({
    data: { ...data, id: randomUUID(), createdAt: hour(0), goneAt: hour(3), state: 'gone' },
  });
  await gateway.db.box.create({
    data: { ...data, id: randomUUID(), createdAt: hour(2), goneAt: hour(99), state: 'gone' },
  });
  const later: string[] = [];
  for (let n = 2; n < 42; n += 1) {
    later.push(
      (await addOperation(gateway.db, { workspaceId, state: 'succeeded', beganAt: hour(n), endedAt: hour(n) })).id,
    );
  }
  let read = 0;
  const counted = gateway.db.$extends({
    query: {
      async $allOperations({ args, query }) {
        const rows: unknown = await query(args);
        read += Array.isArray(rows) ? rows.length : 0;
        return rows;
      },
    },
  });
  const boxes = await new BoxReader(counted as never).list({ state: 'gone', workspace_id: workspaceId, limit: 10 });
  expect(boxes.map(({ operations }) => operations.map(({ id }) => id))).toEqual([
    later.slice(-20),
    [first, ...later.slice(0, 2)],
  ]);
  // Two boxes, their workspace, and what is shown of its operations.
  expect(read).toBe(2 + 1 + 23);
});
