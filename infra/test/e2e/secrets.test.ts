import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { randomBytes, randomUUID } from 'node:crypto';
import { appendFileSync } from 'node:fs';
import { Client, Connection } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createCipher } from '@holdfast/activities/secret/cipher';
import { workflowId } from '@holdfast/workflows/operation/operation';
import { waitFor } from '../../src/process/wait-for.ts';
import { hasDocker } from '../../src/testing/provided.ts';
import { System } from '../../src/testing/system/system.ts';
import { createWorkspace, reference, untilSettled, untilStatus } from '../../src/testing/system/workspaces.ts';
import { testTemporal, uniqueId } from '../../src/testing/temporal.ts';
import * as at from './secret-places.ts';

/** Not all letters: what differs when it is encoded is to be found as well. */
const recognisable = (name: string): string => `${name}/${randomBytes(24).toString('base64url')}+=`;

describe.each(['process', 'docker', 'control-plane'] as const)('boxes by %s', (backend) => {
  describe.skipIf(backend === 'docker' && !hasDocker())('secrets', () => {
    let system: System;
    const secrets = new Map<string, string>();
    const ids: string[] = [];
    const metricsToken = recognisable('metrics');

    beforeAll(async () => {
      // At this level the logs say all they ever say.
      system = await System.start({ backend, env: { METRICS_TOKEN: metricsToken, LOG_LEVEL: 'trace' } });
      for (const { sharedSecret } of system.clouds?.controlPlane.tenants ?? [])
        secrets.set('shared secret', sharedSecret);
      secrets.set('admin token', system.adminToken).set('encryption key', system.encryptionKey);
      secrets.set('metrics token', metricsToken);
      // A box's credentials are erased once it has registered: this keeps what was sealed of them.
      await system.db.$executeRaw`CREATE TABLE kept (sealed bytea)`;
      await system.db.$executeRaw`
      CREATE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN INSERT INTO kept VALUES (NEW.sealed_credentials); RETURN NEW; END'`;
      await system.db.$executeRaw`CREATE TRIGGER keep AFTER INSERT ON boxes FOR EACH ROW EXECUTE FUNCTION keep()`;
    });
    afterAll(() => system?.stop());

    const newSecret = (name: string): string => {
      const value = recognisable(name.replaceAll(' ', '-'));
      secrets.set(name, value);
      return value;
    };
    const places = async (): Promise<at.Places> =>
      new Map([
        ...(await at.histories(ids)),
        ...(await at.rows(system)),
        ...at.files(system),
        ...at.commandLines(),
        ...(await at.containers(system)),
        ...at.machines(system),
        ...(await at.answers(system, ids, metricsToken)),
      ]);
    const post = async (path: string, body?: unknown): Promise<Record<string, unknown>> => {
      // Under a key, so that the answer is kept as well.
      const answer = await system.api().call('POST', path, { body, key: randomUUID() });
      if (answer.status >= 300)
        throw new Error(`POST ${path} answered ${answer.status}: ${JSON.stringify(answer.body)}`);
      return answer.body;
    };

    test('come to rest nowhere but where they belong, from the create to the purge', async () => {
      await post('/settings/secrets', { key: 'SHARED', value: newSecret('global secret') });
      const id = await createWorkspace(system, 'keeper', { secrets: { OWN: newSecret('workspace secret') } });
      ids.push(id);
      await post(`/workspaces/${id}/secrets`, { key: 'LATER', value: newSecret('later secret') });
      secrets.set('user token', String((await post(`/workspaces/${id}/tokens`))['auth_token']));
      secrets.set('org token', String((await post('/org/tokens', { name: 'scan' }))['auth_token']));
      const external = await post('/workspaces', { name: 'external', external: true, delivery_mode: 'poll' });
      ids.push(String(external['id']));
      secrets.set('external token', String((external['connection'] as { auth_token: string }).auth_token));
      await untilStatus(system, id, 'online');
      await untilSettled(system);
      if (backend === 'control-plane') {
        await post(`/workspaces/${id}/switch-provider`, { provider: 'hetzner' });
        await untilSettled(system);
      }

      // Requests that are refused say what is wrong with them, not what was in them.
      const mistaken = newSecret('mistaken secret');
      const refused = await Promise.all([
        system.api().call('POST', '/workspaces', { body: `{"secrets": {"KEY": "${mistaken}"` }),
        system.api().call('POST', '/workspaces', { body: reference('bad', { secrets: { 'no key': mistaken } }) }),
        system.api().call('POST', `/workspaces/${id}/secrets`, { body: { key: 'PATH', value: mistaken } }),
        system.api().call('POST', `/workspaces/${id}/secrets`, { body: { key: 'LATER', value: [mistaken] } }),
        system.api().call('GET', `/workspaces?token=${encodeURIComponent(mistaken)}`, { token: mistaken }),
        system.api().call('GET', `/workspaces/${encodeURIComponent(mistaken)}`),
      ]);
      expect(refused.map(({ status }) => status)).toEqual([400, 400, 400, 400, 401, 400]);

      const cipher = createCipher(system.encryptionKey);
      const kept = await system.db.$queryRaw<{ sealed: Uint8Array }[]>`SELECT sealed FROM kept`;
      for (const { sealed } of kept) {
        for (const [name, value] of Object.entries(JSON.parse(cipher.open(sealed)) as Record<string, string>)) {
          secrets.set(`box ${name}`, value);
        }
      }
      expect([...secrets.keys()]).toEqual(expect.arrayContaining(['box token', 'box nonce', 'box inboundSecret']));
      expect(new Set([...secrets.values()].map(({ length }) => length > 31))).toEqual(new Set([true]));

      // The contrast: what a box is to have it has, and not one thing more. The later secret may have come too late.
      const given = at.leaks(await at.belongings(system, ids), secrets).map((leak) => leak.replace(/ in .*/, ''));
      // A machine in a cloud gets what it registers with in its environment, and its credentials in answer.
      const inClouds = backend === 'control-plane';
      const environment = ['global secret', 'workspace secret', ...(inClouds ? ['box nonce'] : [])];
      const visible = backend === 'docker' || process.platform === 'linux';
      expect(new Set(given.filter((name) => name !== 'later secret'))).toEqual(
        new Set([...(inClouds ? [] : ['box token', 'box inboundSecret']), ...(visible ? environment : [])]),
      );
      const answered = new Map(refused.map(({ body }, number) => [`refusal ${number}`, JSON.stringify(body)]));
      expect(at.leaks(answered, secrets)).toEqual([]);
      expect(at.leaks(await places(), secrets)).toEqual([]);
      expect(await system.api().call('DELETE', `/workspaces/${id}?purge=true`)).toMatchObject({ status: 200 });
      await untilSettled(system);
      // Both of its executions have been looked into, once the list of executions has caught up.
      const scanned = await waitFor(async () => {
        const found = await places();
        return [...found.keys()].filter((place) => place.startsWith('history')).length >= 2 ? found : undefined;
      });
      expect(at.leaks(scanned, secrets)).toEqual([]);
    });

    test('would be found in every one of these places', async () => {
      const planted = new Map([['planted', recognisable('planted')]]);
      const [value] = [...planted.values()];
      const id = randomUUID();
      ids.push(id);
      await system.db.structureEvent.create({ data: { id, eventType: 'PLANTED', payload: { text: value } } });
      appendFileSync(String(system.workers[0]?.log), `${JSON.stringify({ text: value })}\n`);
      const sleeper = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)', String(value)], {
        stdio: 'ignore',
      });
      const connection = await Connection.connect({ address: testTemporal().address });
      try {
        const client = new Client({ connection, namespace: testTemporal().namespaces.operations });
        const started = { workflowId: workflowId(id), taskQueue: uniqueId('nobody'), args: [{ deep: [value] }] };
        const handle = await client.workflow.start('planted', { ...started, memo: { note: value } });
        await waitFor(async () => (await at.histories([id])).size === 2);
        const found = at.leaks(await places(), planted).map((leak) => leak.replace(/ (ws:|\d).*/, ''));
        await handle.terminate();
        expect(found.sort()).toEqual([
          'planted in answer of /events',
          'planted in command line of',
          'planted in execution',
          'planted in file logs/worker-0.log',
          'planted in history',
          'planted in table public.structure_events',
        ]);
      } finally {
        await connection.close();
        sleeper.kill('SIGKILL');
        await once(sleeper, 'exit');
      }
    });
  });
});
