import { expect, test } from 'vitest';
import { broken, json, scriptedGateway } from '../../test/support/scripted-gateway.ts';
import { quickTiming } from '../../test/support/world.ts';
import { Api } from './api.ts';
import type { Transport } from './transport.ts';

const transport = (url: string, other: Partial<Transport> = {}): Transport => ({
  url,
  token: 'a-token',
  orgId: null,
  signal: new AbortController().signal,
  timing: quickTiming,
  ...other,
});
const created = { id: 'x', status: 'provisioning' };
const create = (url: string, other: Partial<Transport> = {}) =>
  new Api(transport(url, other)).call('POST /workspaces', { body: { name: 'scout' } });

test('repeats a change under the same key when the connection breaks after it was sent', async () => {
  await using gateway = await scriptedGateway(broken, broken, json(201, created));
  expect(await create(gateway.url)).toEqual(created);
  const keys = gateway.heard.map(({ headers }) => headers['idempotency-key']);
  expect(keys).toEqual([keys[0], keys[0], keys[0]]);
  expect(keys[0]).toMatch(/^[0-9a-f-]{36}$/);
});

test('gives two changes two keys', async () => {
  await using gateway = await scriptedGateway(json(201, created));
  await create(gateway.url);
  await create(gateway.url);
  expect(new Set(gateway.heard.map(({ headers }) => headers['idempotency-key'])).size).toBe(2);
});

test('repeats while the gateway says that it cannot serve now', async () => {
  await using gateway = await scriptedGateway(json(503, {}), json(429, {}, { 'retry-after': '0' }), json(201, created));
  const told: string[] = [];
  await create(gateway.url, { onRetry: (why) => told.push(why) });
  expect(told).toEqual(['The gateway cannot serve now', 'The gateway asks for patience']);
});

test('gives up after a bounded number of tries, with what the gateway said', async () => {
  await using gateway = await scriptedGateway(
    json(503, { error: 'platform datastore unavailable', next_step: 'wait' }),
  );
  await expect(create(gateway.url)).rejects.toMatchObject({
    exit: 'unavailable',
    message: 'platform datastore unavailable',
  });
  expect(gateway.heard).toHaveLength(quickTiming.retryMs.length + 1);
});

test('does not sit out a wait that is longer than it has patience for', async () => {
  await using gateway = await scriptedGateway(json(429, { error: 'rate limit exceeded' }, { 'retry-after': '3600' }));
  await expect(create(gateway.url)).rejects.toMatchObject({ exit: 'unavailable', message: 'rate limit exceeded' });
  expect(gateway.heard).toHaveLength(1);
});

test('does not repeat what was refused', async () => {
  await using gateway = await scriptedGateway(json(409, { error: 'no' }), json(500, { error: 'oh' }));
  await expect(create(gateway.url)).rejects.toMatchObject({ exit: 'conflict' });
  await expect(create(gateway.url)).rejects.toMatchObject({ exit: 'failure' });
  expect(gateway.heard).toHaveLength(2);
});

test('tries again when the answer does not come in time', async () => {
  await using gateway = await scriptedGateway(() => undefined, json(201, created));
  expect(await create(gateway.url, { timing: { ...quickTiming, answerMs: 50 } })).toEqual(created);
});

test('says that nothing listens where nothing listens', async () => {
  const gateway = await scriptedGateway(json(200, {}));
  await gateway[Symbol.asyncDispose]();
  await expect(create(gateway.url)).rejects.toMatchObject({
    exit: 'unavailable',
    message: expect.stringContaining('nothing listens there'),
  });
});

test('takes its credential to no address it was redirected to', async () => {
  await using elsewhere = await scriptedGateway(json(200, {}));
  await using gateway = await scriptedGateway(json(307, {}, { location: elsewhere.url }));
  await expect(create(gateway.url)).rejects.toMatchObject({
    exit: 'failure',
    message: 'The gateway sends the request elsewhere.',
  });
  expect(elsewhere.heard).toHaveLength(0);
});

test('ends at once, with its reason, when it is aborted', async () => {
  await using gateway = await scriptedGateway(() => undefined);
  const stopping = new AbortController();
  const answer = create(gateway.url, { signal: stopping.signal });
  stopping.abort(new Error('enough'));
  await expect(answer).rejects.toThrow('enough');
});

test('puts ids and queries into the address as they are meant', async () => {
  await using gateway = await scriptedGateway(json(200, { status: 'deleted', key: 'A/B' }));
  const api = new Api(transport(gateway.url, { orgId: 'acme' }));
  await api.call('DELETE /settings/secrets/{key}', { path: { key: 'A/B?c' } });
  await api.call('GET /boxes', { query: { state: 'owed', limit: 3 } });
  expect(gateway.heard.map(({ target }) => target)).toEqual([
    '/settings/secrets/A%2FB%3Fc',
    '/boxes?state=owed&limit=3',
  ]);
  expect(gateway.heard[0]?.headers).toMatchObject({ authorization: 'Bearer a-token', 'x-molecule-org-id': 'acme' });
});

test('says so when what answers is no gateway', async () => {
  await using gateway = await scriptedGateway((answer) => void answer.end('<html>'));
  await expect(create(gateway.url)).rejects.toThrow('is no Holdfast gateway');
});
