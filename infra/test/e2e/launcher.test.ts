import Docker from 'dockerode';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildServices, isBuilt } from '../../src/build/services.ts';
import { processesNaming } from '../../src/process/command-lines.ts';
import { hasDocker, testTemporal, uniqueId, waitFor } from '../../src/testing/index.ts';
import { provided } from '../../src/testing/provided.ts';
import { databaseUrl } from '../../src/testing/template.ts';
import { holdfast, type Launched, Launches, ownerOf, portsOf, processesOf } from './launch.ts';

const launches = new Launches();
beforeAll(async () => {
  if (!isBuilt()) await buildServices();
});
afterAll(() => launches.clear());

const RUNNING = 'Ctrl-C stops all of it';

/** What the launcher says after its progress. */
async function failureOf(options: { args?: string[]; env?: Record<string, string>; data?: string }): Promise<string> {
  const launched = launches.start(options.data ?? launches.dataFolder(), options);
  expect(await launched.ended()).toBe(1);
  const lines = launched.output().trim().split('\n');
  expect(lines.filter((line) => /^\s+at /.test(line))).toEqual([]);
  return lines
    .filter((line) => !/^[…✓✗]/.test(line))
    .join('\n')
    .trim();
}

test('one go brings a workspace online as a process, deletes it and leaves nothing running', async () => {
  const launched = launches.start(launches.dataFolder(), { args: ['--once'] });
  expect(await launched.ended(), launched.output()).toBe(0);
  expect(launched.output()).toMatch(/Workspace +first +online/);
  expect(launched.output()).toMatch(/✓ Deleting it again/);
  expect(processesOf(launched.data)).toEqual([]);
});

test.skipIf(!hasDocker())('one go brings a workspace online in a container and leaves none', async () => {
  const launched = launches.start(launches.dataFolder(), { args: ['--once'], env: { BACKEND: 'docker' } });
  expect(await launched.ended(), launched.output()).toBe(0);
  expect(launched.output()).toMatch(/Boxes +Docker containers/);
  expect(processesOf(launched.data)).toEqual([]);
  const filters = { label: [`holdfast.owner=${ownerOf(launched.data)}`] };
  const docker = new Docker();
  expect(await docker.listContainers({ all: true, filters })).toEqual([]);
  expect((await docker.listVolumes({ filters })).Volumes ?? []).toEqual([]);
});

describe('an installation', () => {
  const idShown = ({ output }: Launched) => /Workspace +first +online +(\S+)/.exec(output())?.[1];
  let before: Launched;

  test('is known to bin/holdfast, and ends at Ctrl-C with all its processes', async () => {
    before = launches.start(launches.dataFolder());
    await before.says(RUNNING);
    const listed = await holdfast(before.data, ['workspace', 'list', '--json']);
    expect(listed.code, listed.output).toBe(0);
    expect(listed.output).toMatch(/"name": ?"first"/);
    expect(processesOf(before.data).length).toBeGreaterThan(4);
    // Twice, as npm does: it passes on what the terminal has sent to all.
    before.child.kill('SIGINT');
    before.child.kill('SIGINT');
    expect(await before.ended(), before.output()).toBe(0);
    expect(processesOf(before.data)).toEqual([]);
  });

  test('brings its workspace back with a new box when it is started again, and makes no other', async () => {
    const next = launches.start(before.data);
    await next.says(RUNNING);
    expect(idShown(next)).toBe(idShown(before));
    next.child.kill('SIGINT');
    expect(await next.ended(), next.output()).toBe(0);
  });
});

test('Ctrl-C in the middle of a start ends it quietly with nothing left', async () => {
  const launched = launches.start(launches.dataFolder());
  await launched.says('Postgres and Temporal');
  launched.child.kill('SIGINT');
  expect(await launched.ended()).toBe(0);
  expect(launched.output()).not.toMatch(/Error|Holdfast is running/);
  expect(processesOf(launched.data)).toEqual([]);
});

describe('while it runs', () => {
  let running: Launched;
  beforeAll(async () => {
    running = launches.start(launches.dataFolder(), { env: { BACKEND: 'none' } });
    await running.says(RUNNING);
  });

  test('a second start on its folder is refused', async () => {
    expect(await failureOf({ data: running.data })).toMatch(
      `Holdfast runs here already (process ${running.child.pid}): stop it with Ctrl-C`,
    );
  });

  test('a service that dies is started again', async () => {
    const [gateway = 0] = processesNaming('services/gateway/dist').filter((pid) =>
      processesOf(running.data).includes(pid),
    );
    expect(gateway).toBeGreaterThan(1);
    process.kill(gateway, 'SIGKILL');
    await running.says('The gateway ended unexpectedly and is started again');
    const health = `http://127.0.0.1:${portsOf(running.data)['api']}/health`;
    await waitFor(async () => (await fetch(health)).ok, { timeoutMs: 30_000, what: 'another gateway' });
    running.child.kill('SIGINT');
    expect(await running.ended()).toBe(0);
    expect(processesOf(running.data)).toEqual([]);
  });
});

test('a killed launcher takes its services with it, and the next one starts on the same ports', async () => {
  const killed = launches.start(launches.dataFolder());
  await killed.says(RUNNING);
  const ports = portsOf(killed.data);
  killed.child.kill('SIGKILL');
  await waitFor(
    () =>
      fetch(`http://127.0.0.1:${ports['api']}/health`).then(
        () => false,
        () => true,
      ),
    {
      what: 'the end of the gateway',
    },
  );
  const next = launches.start(killed.data, { args: ['--once'] });
  expect(await next.ended(), next.output()).toBe(0);
  expect(next.output()).toMatch(/Workspace +first +online/);
  expect(portsOf(next.data)).toEqual(ports);
  expect(processesOf(next.data)).toEqual([]);
});

test('two installations run side by side with ports and owners of their own', async () => {
  const env = { BACKEND: 'none' };
  const both = [1, 2].map(() => launches.start(launches.dataFolder(), { env }));
  await Promise.all(both.map((launched) => launched.says(RUNNING)));
  const ports = both.flatMap(({ data }) => Object.values(portsOf(data)));
  expect(new Set(ports).size).toBe(8);
  expect(new Set(both.map(({ data }) => ownerOf(data))).size).toBe(2);
  for (const { child } of both) child.kill('SIGINT');
  expect(await Promise.all(both.map((launched) => launched.ended()))).toEqual([0, 0]);
});

test('servers of the user are used and left running', async () => {
  const database = uniqueId('own').replace('-', '_');
  const env = {
    DATABASE_URL: databaseUrl(provided('databaseUrl'), database),
    TEMPORAL_ADDRESS: testTemporal().address,
    HOLDFAST_HOST: uniqueId('host'),
  };
  const launched = launches.start(launches.dataFolder(), { args: ['--once'], env });
  expect(await launched.ended(), launched.output()).toBe(0);
  expect(launched.output()).toMatch(/Workspace +first +online/);
  expect(portsOf(launched.data)).toEqual({ api: expect.any(Number) as number });
  expect(testTemporal().address).toBe(env.TEMPORAL_ADDRESS);
});

describe('a start that cannot be is one sentence with its fix, and leaves nothing', () => {
  test.each([
    [
      'an engine that does not answer',
      { BACKEND: 'docker', DOCKER_HOST: 'tcp://127.0.0.1:1' },
      /^Docker does not answer at .*ECONNREFUSED.*: start it, .*BACKEND=process/,
    ],
    [
      'a backend there is none of',
      { BACKEND: 'podman' },
      /^BACKEND must be one of auto, docker, control-plane, process, none: correct it/,
    ],
    [
      'clouds whose machines would not reach it',
      { BACKEND: 'control-plane', MOLECULE_ORG_ID: 'acme', MOLECULE_CP_SHARED_SECRET: 'hush' },
      /^PLATFORM_URL must be set to the address at which machines in the clouds reach the gateway\.$/,
    ],
    ['a port that is no port', { PORT: '80x' }, /^PORT must be a whole number from 1 to 65535: correct it/],
    [
      'a database that is away',
      { DATABASE_URL: 'postgresql://me:hush@127.0.0.1:1/x' },
      /^Postgres at 127\.0\.0\.1:1\/x cannot be used \(ECONNREFUSED\): start it/,
    ],
    [
      'a Temporal server that is away',
      { TEMPORAL_ADDRESS: '127.0.0.1:1' },
      /^Temporal at 127\.0\.0\.1:1 cannot be used .*: start it/,
    ],
    ['a bad key', { SECRETS_ENCRYPTION_KEY: 'hush' }, /^SECRETS_ENCRYPTION_KEY is not base64 of 32 bytes: make one/],
  ])('%s', async (_, env, expected) => {
    const data = launches.dataFolder();
    const text = await failureOf({ env, data });
    expect(text).toMatch(expected);
    expect(text.split('\n')).toHaveLength(1);
    expect(text).not.toContain('hush');
    expect(processesOf(data)).toEqual([]);
  });

  test('a flag there is none of', async () => {
    expect(await failureOf({ args: ['--twice'] })).toMatch(/^There is no flag --twice/);
  });

  test('a port that another program has', async () => {
    const { port } = new URL(provided('databaseUrl'));
    expect(await failureOf({ env: { PORT: port } })).toMatch(
      `Port ${port} is taken by another program: stop that one, or set PORT`,
    );
  });

  test('an address that is not of this machine', async () => {
    const data = launches.dataFolder();
    const env = { HOLDFAST_LISTEN: '203.0.113.1', BACKEND: 'none' };
    expect(await failureOf({ data, env })).toMatch(
      /^The gateway did not start: .*203\.0\.113\.1.*\(log: .*gateway\.log\)\.$/,
    );
    expect(processesOf(data)).toEqual([]);
  });
});
