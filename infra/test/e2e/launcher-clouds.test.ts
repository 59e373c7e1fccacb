import { afterAll, expect, test } from 'vitest';
import { buildServices, isBuilt } from '../../src/build/services.ts';
import { anyFreePort } from '../../src/process/ports.ts';
import { testDatabase, waitFor } from '../../src/testing/index.ts';
import { startCloudRig, tenantEnvironment } from '../../src/testing/system/cloud-rig.ts';
import { holdfast, Launches, processesOf } from './launch.ts';

const launches = new Launches();
afterAll(() => launches.clear());

test('an installation in clouds makes no machine unasked, brings a workspace online on one, and leaves none', async () => {
  if (!isBuilt()) await buildServices();
  const port = await anyFreePort();
  const address = `http://127.0.0.1:${port}`;
  await using db = await testDatabase();
  await using clouds = await startCloudRig({ databaseUrl: db.url, providers: ['hetzner'], platforms: [address] });
  const env: Record<string, string> = { ...tenantEnvironment(clouds), PORT: String(port), PLATFORM_URL: address };
  const launched = launches.start(launches.dataFolder(), { env });
  await launched.says('Ctrl-C stops all of it');
  expect(launched.output()).toMatch(/Boxes +machines in clouds/);
  expect(clouds.machines()).toEqual([]);

  const tenant = { HOLDFAST_TOKEN: env['ADMIN_TOKEN'], HOLDFAST_ORG_ID: env['MOLECULE_ORG_ID'] };
  const create = ['workspace', 'create', 'afar', '--compute', '{"provider":"hetzner"}', '--wait'];
  const created = await holdfast(launched.data, create, tenant);
  expect(created.code, created.output).toBe(0);
  expect(clouds.machines()).toMatchObject([{ provider: 'hetzner' }]);
  const deleted = await holdfast(launched.data, ['workspace', 'delete', 'afar', '--purge', '--yes'], tenant);
  expect(deleted.code, deleted.output).toBe(0);
  await waitFor(() => clouds.machines().length === 0, { what: 'the end of the machine' });

  launched.child.kill('SIGINT');
  expect(await launched.ended(), launched.output()).toBe(0);
  expect(processesOf(launched.data)).toEqual([]);
});
