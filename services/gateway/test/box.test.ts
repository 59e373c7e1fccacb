import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { BoxList } from '../src/box/box.dto.ts';
import { addWorkspace, type TestGateway, testGateway } from './support/gateway.ts';

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await testGateway();
});
afterAll(() => gateway.close());

async function addOperation(columns: Record<string, unknown> = {}): Promise<{ id: string; workspaceId: string }> {
  const id = randomUUID();
  const workspaceId = (columns['workspaceId'] as string | undefined) ?? (await addWorkspace(gateway.db));
  await gateway.db.operation.create({
    data: { id, orgId: 'default', workspaceId, kind: 'provision', actor: 'admin-token', ...columns } as never,
  });
  return { id, workspaceId };
}

test('boxes say why they are owed and which operations touched them', async () => {
  const { id: maker, workspaceId } = await addOperation({
    state: 'succeeded',
    beganAt: new Date(1_000),
    endedAt: new Date(5_000),
  });
  const { id: later } = await addOperation({
    workspaceId,
    kind: 'delete',
    state: 'failed',
    beganAt: new Date(8_000),
    endedAt: new Date(9_000),
  });
  await addOperation({ workspaceId, kind: 'restart' });
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
