import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { testGateway } from './support/gateway.ts';
import { addRunning } from './support/given.ts';

test('without a control plane there is no console, of whatever workspace', async () => {
  const gateway = await testGateway();
  for (const id of [(await addRunning(gateway.db)).id, randomUUID()]) {
    const answer = await gateway.call('GET', `/workspaces/${id}/console`);
    expect([answer.statusCode, answer.json()]).toEqual([
      501,
      expect.objectContaining({
        error: 'console output unavailable on this deployment (no control plane)',
        code: 'CONSOLE_UNAVAILABLE',
      }),
    ]);
  }
  expect((await gateway.call('GET', '/workspaces/nonsense/console')).statusCode).toBe(400);
  await gateway.close();
});
