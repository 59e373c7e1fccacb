import { randomUUID } from 'node:crypto';
import { newToken } from '@holdfast/activities/token/tokens';
import { anyFreePort } from '@holdfast/infra/process/ports';
import { openDatabase } from '@holdfast/prisma';
import { expect, test } from 'vitest';
import { addWorkspace, addWorkspaceToken, testGateway } from './support/gateway.ts';

test('agents are told that the platform is unavailable, not that their token is wrong, while Postgres is away', async () => {
  const url = `postgresql://postgres@127.0.0.1:${await anyFreePort()}/postgres`;
  const database = openDatabase(url, { connections: 2 });
  const gateway = await testGateway({ database: { url, database } });
  const id = randomUUID();
  const bodies = {
    register: { id, agent_card: null, delivery_mode: 'poll' },
    heartbeat: { workspace_id: id },
    'update-card': { workspace_id: id, agent_card: null },
  };
  for (const [path, body] of Object.entries(bodies)) {
    for (const token of [newToken(), null]) {
      const answer = await gateway.call('POST', `/registry/${path}`, { token, body });
      expect([answer.statusCode, answer.json()['code']]).toEqual([503, 'platform_unavailable']);
    }
  }
  await gateway.app.close();
  await database.$disconnect();
});

test('a beat that cannot be written is answered with the contract’s text, and the next one counts', async () => {
  const gateway = await testGateway();
  const id = await addWorkspace(gateway.db, { runtime: 'external' });
  const token = await addWorkspaceToken(gateway.db, id, 'agent');
  const beat = () => gateway.call('POST', '/registry/heartbeat', { token, body: { workspace_id: id } });
  expect((await beat()).statusCode).toBe(200);
  await gateway.db.$executeRaw`ALTER TABLE workspaces ADD CONSTRAINT no_beats CHECK (uptime_seconds > 0) NOT VALID`;
  const failed = await beat();
  expect([failed.statusCode, failed.json()['error']]).toEqual([500, 'failed to update']);
  await gateway.db.$executeRaw`ALTER TABLE workspaces DROP CONSTRAINT no_beats`;
  expect((await beat()).statusCode).toBe(200);
  await gateway.close();
});
