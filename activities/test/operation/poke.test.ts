import { createServer, type Server } from 'node:net';
import type { AddressInfo } from 'node:net';
import { createPoker } from '@holdfast/activities/operation/poke';
import { checkReality } from '@holdfast/activities/operation/reality-check';
import { type TestDatabase, testDatabase, testTemporal, uniqueId } from '@holdfast/infra/testing/index';
import { workflowId } from '@holdfast/workflows/operation/operation';
import { Client, Connection } from '@temporalio/client';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { givenWorkspace } from '../given-workspace.ts';
import { givenOperation, givenOwner } from './given-operation.ts';

let kit: TestDatabase;
let connection: Connection;
let client: Client;
const taskQueue = uniqueId('nobody');
beforeAll(async () => {
  kit = await testDatabase();
  const { address, namespaces } = testTemporal();
  connection = await Connection.connect({ address });
  client = new Client({ connection, namespace: namespaces.operations });
});
afterAll(async () => {
  await connection.close();
  await kit.dispose();
});

const poker = () =>
  createPoker(() => Promise.resolve(client), kit.database, {
    taskQueue,
    workflowTaskTimeoutMs: 2_000,
    // A loaded machine is slow, and how soon a poke gives up is not what these tests are about.
    answerWithinMs: 60_000,
  });

async function accepted(): Promise<{ workspaceId: string; operationId: string }> {
  const workspaceId = await givenWorkspace(kit.database);
  const operationId = await givenOperation(kit.database, workspaceId, { kind: 'provision' });
  await kit.database.workspace.update({ where: { id: workspaceId }, data: { operationId } });
  return { workspaceId, operationId };
}
const history = async (workspaceId: string) => {
  const { events } = await client.workflow.getHandle(workflowId(workspaceId)).fetchHistory();
  return events ?? [];
};

describe('a poke', () => {
  test('starts the run of an accepted operation, told apart in the list without opening it', async () => {
    const { workspaceId, operationId } = await accepted();
    await poker().poke(workspaceId);
    const run = await client.workflow.getHandle(workflowId(workspaceId)).describe();
    expect(run).toMatchObject({ type: 'provisionWorkspace', status: { name: 'RUNNING' } });
    const attributes = Object.fromEntries(
      run.typedSearchAttributes.getAll().map(({ key, value }) => [key.name, value]),
    );
    expect(attributes).toMatchObject({
      OrgId: 'default',
      WorkspaceId: workspaceId,
      Op: 'provision',
      Provider: 'unplaced',
    });
    const started = (await history(workspaceId))[0]?.workflowExecutionStartedEventAttributes;
    const input = JSON.parse(Buffer.from(started!.input!.payloads![0]!.data!).toString()) as object;
    expect(input).toEqual({ operationId, workspaceId, orgId: 'default', kind: 'provision', provider: 'unplaced' });
  });

  test('of many at once starts one run, without an error', async () => {
    const { workspaceId } = await accepted();
    await Promise.all(Array.from({ length: 20 }, () => poker().poke(workspaceId)));
    const types = (await history(workspaceId)).map(({ eventType }) => eventType);
    expect(types.filter((type) => Number(type) === 1)).toHaveLength(1);
  });

  test('of a running owner reaches its run and never starts another', async () => {
    const { workspaceId, operationId } = await accepted();
    await poker().poke(workspaceId);
    const before = (await history(workspaceId)).length;
    await kit.database.operation.update({
      where: { id: operationId },
      data: { state: 'running', runId: uniqueId('run') },
    });
    await poker().poke(workspaceId);
    expect((await history(workspaceId)).length).toBe(before + 1);
  });

  test('of a running owner whose execution is gone starts nothing: that is for the reality check', async () => {
    const run = await givenOwner(kit.database, await givenWorkspace(kit.database), { kind: 'provision' });
    await poker().poke(run.workspaceId);
    await expect(client.workflow.getHandle(workflowId(run.workspaceId)).describe()).rejects.toThrow(/not found/i);
  });

  test('of a workspace nobody owns does nothing', async () => {
    const workspaceId = await givenWorkspace(kit.database);
    await poker().poke(workspaceId);
    await expect(client.workflow.getHandle(workflowId(workspaceId)).describe()).rejects.toThrow(/not found/i);
  });
});

describe('a Temporal that takes calls and never answers', () => {
  let silent: Server;
  afterEach(() => silent.close());

  async function silentClient(): Promise<Client> {
    silent = createServer();
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const { port } = silent.address() as AddressInfo;
    return new Client({ connection: Connection.lazy({ address: `127.0.0.1:${port}` }), namespace: 'workspaces' });
  }

  test.each(['accepted', 'running'] as const)('does not hold up the poke of an operation that is %s', async (state) => {
    const { workspaceId, operationId } = await accepted();
    const runId = uniqueId('run');
    await kit.database.operation.update({
      where: { id: operationId },
      data: { state, runId: state === 'running' ? runId : null },
    });
    const stuck = await silentClient();
    const impatient = createPoker(() => Promise.resolve(stuck), kit.database, {
      taskQueue,
      workflowTaskTimeoutMs: 2_000,
      answerWithinMs: 200,
    });
    await expect(impatient.poke(workspaceId)).rejects.toThrow();
  });

  test('ends the reality check, which finds nothing lost', async () => {
    const run = await givenOwner(kit.database, await givenWorkspace(kit.database), { kind: 'provision' });
    await kit.database.operation.update({ where: { id: run.operationId }, data: { beganAt: new Date(0) } });
    const stuck = await silentClient();
    await expect(checkReality(kit.database, stuck, poker(), { answerWithinMs: 200 })).rejects.toThrow();
    expect(await kit.database.operation.findUniqueOrThrow({ where: { id: run.operationId } })).toMatchObject({
      state: 'running',
    });
  });
});
