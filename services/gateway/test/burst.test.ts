import { afterAll, beforeAll, expect, test } from 'vitest';
import { type TestGateway, testGateway } from './support/gateway.ts';

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await testGateway({ env: { DATABASE_CONNECTIONS: '10' } });
});
afterAll(() => gateway.close());

test('a burst of a thousand creates is accepted whole, and reads are answered meanwhile', async () => {
  let answered = 0;
  const burst = Promise.all(
    Array.from({ length: 1_000 }, async (_, n) => {
      const { statusCode } = await gateway.call('POST', '/workspaces', { body: { name: `burst ${n}` } });
      answered += 1;
      return statusCode;
    }),
  );
  const read = await gateway.call('GET', '/operations?limit=1');
  expect(read.statusCode).toBe(200);
  expect(answered).toBeLessThan(1_000);
  expect(new Set(await burst)).toEqual(new Set([201]));
  expect(await gateway.db.operation.count({ where: { state: 'accepted' } })).toBe(1_000);
  expect(new Set(gateway.poked).size).toBe(1_000);
}, 120_000);
