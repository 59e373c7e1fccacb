import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createPoker } from '@holdfast/activities/operation/poke';
import { testDatabase, testTemporal, uniqueId, waitFor } from '@holdfast/infra/testing/index';
import { workflowId, workflowTypes } from '@holdfast/workflows/operation/operation';
import { defaultSettings } from '../src/core/parts.ts';
import { openTemporal, type Temporal } from '../src/core/temporal.ts';
import { listen, type Listening } from '../src/http/listen.ts';
import { adminToken, type TestGateway, testGateway } from './support/gateway.ts';
import { addBackend, addRunning, endOperation, statusOf } from './support/given.ts';

const { address, namespaces } = testTemporal();
const WAIT_MS = 300;
/** What a busy machine may add to a wait that is over. */
const SLACK_MS = 5_000;

let temporal: Temporal;
let gateway: TestGateway;
let patient: TestGateway;
let listening: Listening;
beforeAll(async () => {
  temporal = openTemporal(address, namespaces);
  const database = await testDatabase();
  const poker = createPoker(temporal.client, database.database, {
    taskQueue: uniqueId('nobody'),
    workflowTaskTimeoutMs: 2_000,
  });
  gateway = await testGateway({ database, poker, settings: { answerWaitMs: WAIT_MS } });
  patient = await testGateway({ database, poker, settings: { answerWaitMs: 60_000 } });
  await addBackend(gateway.db);
  listening = await listen(patient.app, ['127.0.0.1'], 0);
});
afterAll(async () => {
  await patient.app.close();
  await Promise.all([gateway.close(), temporal.close()]);
});

/** Waits until Temporal has what the operation asked for. */
async function started(id: string): Promise<string> {
  const client = await temporal.client();
  const found = await waitFor(() =>
    client.workflow
      .getHandle(workflowId(id))
      .describe()
      .catch(() => undefined),
  );
  return found.type;
}

describe('while no worker runs', () => {
  test.each([
    ['restart', 'online', 'POST', '/restart', 'provisioning', 'restart'],
    ['pause', 'online', 'POST', '/pause', 'paused', 'pause'],
    ['resume', 'paused', 'POST', '/resume', 'provisioning', 'resume'],
    ['hibernate', 'online', 'POST', '/hibernate', 'hibernating', 'hibernate'],
    ['wake', 'hibernated', 'POST', '/wake', 'waking', 'wake'],
    ['delete', 'online', 'DELETE', '', 'removed', 'delete'],
    ['delete with purge', 'online', 'DELETE', '?purge=true', 'removed', 'delete'],
  ] as const)(
    '%s is accepted, answered in time and told to Temporal',
    async (_verb, from, method, path, status, kind) => {
      const { id } = await addRunning(gateway.db, { status: from });
      const before = Date.now();
      const answer = await gateway.call(method, `/workspaces/${id}${path}`);
      expect([answer.statusCode, answer.json()]).toEqual([200, expect.objectContaining({ status })]);
      expect(answer.json()).toHaveProperty('operation_id');
      expect(Date.now() - before).toBeLessThan(WAIT_MS + SLACK_MS);
      expect(await started(id)).toBe(workflowTypes[kind]);
    },
  );

  test('the whole wait, with what it may take besides, is less than the canvas bears', () => {
    expect(defaultSettings.answerWaitMs).toBe(12_000);
  });

  test('a tree is answered with its counts under one deadline, and poked as one', async () => {
    const { id } = await addRunning(gateway.db);
    const below = await Promise.all(Array.from({ length: 8 }, () => addRunning(gateway.db, { parentId: id })));
    const before = Date.now();
    const answer = await gateway.call('DELETE', `/workspaces/${id}?confirm=true`);
    expect(Date.now() - before).toBeLessThan(WAIT_MS + SLACK_MS);
    expect(answer.json()).toMatchObject({ status: 'removed', cascade_deleted: 8 });
    const client = await temporal.client();
    await waitFor(() =>
      client.workflow
        .getHandle(`tree:${id}`)
        .describe()
        .catch(() => undefined),
    );
    expect(await Promise.all(below.map((child) => statusOf(gateway.db, child.id)))).toEqual(below.map(() => 'removed'));
  });

  test.each([
    ['POST', '/hibernate', 'hibernate'],
    ['DELETE', '', 'delete'],
  ] as const)('a caller of %s %s who hangs up changes nothing about it', async (method, path, kind) => {
    const { id } = await addRunning(gateway.db);
    const leaving = new AbortController();
    const call = fetch(`${listening.urls[0]}/workspaces/${id}${path}`, {
      method,
      headers: { authorization: `Bearer ${adminToken}` },
      signal: leaving.signal,
    });
    const operation = await waitFor(() => gateway.db.operation.findFirst({ where: { workspaceId: id } }));
    leaving.abort();
    await expect(call).rejects.toThrow();
    expect(await started(id)).toBe(workflowTypes[kind]);
    expect(await gateway.db.operation.findUniqueOrThrow({ where: { id: operation.id } })).toMatchObject({
      state: 'accepted',
      cancelRequestedAt: null,
    });
    await endOperation(gateway.db, { workspaceId: id, kind });
  });
});
