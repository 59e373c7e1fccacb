import { randomBytes } from 'node:crypto';
import { createCipher } from '@holdfast/activities/secret/cipher';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { addWorkspace, addWorkspaceToken, type TestGateway, testGateway } from './support/gateway.ts';

let gateway: TestGateway;
let id: string;
let own: string;
beforeAll(async () => {
  gateway = await testGateway();
});
beforeEach(async () => {
  await gateway.db.$executeRaw`TRUNCATE global_secrets, workspace_secrets`;
  id = await addWorkspace(gateway.db);
  own = await addWorkspaceToken(gateway.db, id, 'agent');
});
afterAll(() => gateway.close());

const otherKey = createCipher(randomBytes(32).toString('base64'));
const model = () => gateway.call('GET', `/workspaces/${id}/model`, { token: own });
const set = (body: unknown) => gateway.call('PUT', `/workspaces/${id}/model`, { token: own, body });

test('the model is the default until it is set, and again after it is cleared', async () => {
  await gateway.call('PUT', '/settings/secrets', { body: { key: 'MODEL_PROVIDER', value: 'global' } });
  expect((await model()).json()).toEqual({ model: '', source: 'default' });
  expect((await set({ model: 'vendor/model' })).json()).toEqual({ status: 'saved', model: 'vendor/model' });
  expect((await model()).json()).toEqual({ model: 'vendor/model', source: 'workspace_secrets' });
  expect((await set({ model: '' })).json()).toEqual({ status: 'cleared' });
  expect((await set({ model: '' })).json()).toEqual({ status: 'cleared' });
  expect((await model()).json()).toEqual({ model: '', source: 'default' });
});

test('the model shows in the list of secrets as MODEL_PROVIDER', async () => {
  await set({ model: 'provider:model' });
  expect((await gateway.call('GET', `/workspaces/${id}/secrets`)).json()).toMatchObject([
    { key: 'MODEL_PROVIDER', scope: 'workspace' },
  ]);
  expect((await gateway.call('GET', `/workspaces/${id}/secrets/values`, { token: own })).json()).toEqual({
    MODEL_PROVIDER: 'provider:model',
  });
});

test.each([undefined, '{', [], {}, { model: 1 }, { model: null }])('the model refuses the body %j', async (body) => {
  const answer = await set(body);
  expect([answer.statusCode, answer.json()['error']]).toEqual([400, 'invalid request body']);
});

test('the model that cannot be read answers 500', async () => {
  await gateway.db.workspaceSecret.create({
    data: { workspaceId: id, key: 'MODEL_PROVIDER', encryptedValue: otherKey.seal('x'), encryptionVersion: 1 },
  });
  const answer = await model();
  expect([answer.statusCode, answer.json()['error']]).toEqual([500, 'failed to decrypt']);
});
