import { afterAll, beforeAll, expect, test } from 'vitest';
import { type TestGateway, testGateway } from './support/gateway.ts';

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await testGateway();
});
afterAll(() => gateway.close());

test('answers /health without a credential', async () => {
  const answer = await gateway.call('GET', '/health', { token: null });
  expect(answer.statusCode).toBe(200);
  expect(answer.json()).toEqual({ status: 'ok' });
});

test('says in /ready that it is ready while Postgres answers', async () => {
  const answer = await gateway.call('GET', '/ready', { token: null });
  expect(answer.json()).toEqual({ status: 'ready', database: 'up', temporal: 'up', backends: [] });
});

test('lists the kinds of backends that were seen lately, and no others', async () => {
  await gateway.db.backend.createMany({
    data: [
      { host: 'near', kind: 'docker', seenAt: new Date() },
      { host: 'gone', kind: 'process', seenAt: new Date(Date.now() - 3_600_000) },
    ],
  });
  expect((await gateway.call('GET', '/ready', { token: null })).json()).toMatchObject({ backends: ['docker'] });
  expect((await gateway.call('GET', '/backends')).json()).toMatchObject([
    { host: 'gone', kind: 'process', away: true },
    { host: 'near', kind: 'docker', away: false },
  ]);
});

test('tells the last tick of each loop, and that one is stale after twice its period', async () => {
  await gateway.db.loop.createMany({
    data: [
      { name: 'dispatcher', periodMs: 20_000, lastTickAt: new Date() },
      { name: 'orphans', periodMs: 60_000, lastTickAt: new Date(Date.now() - 600_000) },
      // Twice its period is what one may be late.
      { name: 'slow', periodMs: 600_000, lastTickAt: new Date(Date.now() - 1_100_000) },
      { name: 'late', periodMs: 600_000, lastTickAt: new Date(Date.now() - 1_205_000) },
    ],
  });
  const { subsystems } = (await gateway.call('GET', '/admin/liveness')).json<{ subsystems: Record<string, unknown> }>();
  expect(subsystems).toMatchObject({
    dispatcher: { seconds_ago: expect.toSatisfy((ago: number) => ago >= 0 && ago < 30), stale: false },
    orphans: { seconds_ago: expect.toSatisfy((ago: number) => ago >= 600 && ago < 630), stale: true },
    slow: { stale: false },
    late: { stale: true },
  });
});

test('refuses /admin/liveness without a credential', async () => {
  const answer = await gateway.call('GET', '/admin/liveness', { token: null });
  expect(answer.statusCode).toBe(401);
  expect(answer.json()).toMatchObject({ error: 'admin auth required', code: 'UNAUTHORIZED', status: 401 });
});
