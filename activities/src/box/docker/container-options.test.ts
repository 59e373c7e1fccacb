import { describe, expect, test } from 'vitest';
import type { BoxSpec } from '../backend.ts';
import { containerOptions } from './container-options.ts';

const id = '0a1b2c3d-4e5f-4000-8000-000000000000';
const spec = (over: Partial<BoxSpec> = {}): BoxSpec => ({
  boxId: 'b0000000-0000-4000-8000-000000000000',
  workspaceId: id,
  born: new Date(1_700_000_000_123),
  runtime: 'langgraph',
  image: 'image:1',
  tier: 2,
  platform: { platformUrl: 'http://platform:8080' },
  env: {},
  config: { files: [], overwrite: false },
  credentials: null,
  workspaceDir: null,
  workspaceAccess: 'none',
  resetSession: false,
  ...over,
});
const options = (over: Partial<BoxSpec> = {}, tierOverrides: Record<string, string> = {}) =>
  containerOptions(spec(over), { owner: 'me', network: 'net', tierOverrides, mostCpus: 8 });
const env = (over: Partial<BoxSpec>) =>
  new Map(options(over).Env?.map((line) => line.split(/=(.*)/s).slice(0, 2) as [string, string]));

describe('containerOptions', () => {
  test('names the container after twelve characters of the id', () => {
    expect(options().name).toBe('ws-0a1b2c3d-4e5');
  });

  test('tells the box what the platform tells every box', () => {
    const told = env({
      tier: 3,
      platform: { platformUrl: 'http://p', awareness: { namespace: 'workspace:x', url: 'http://a' } },
    });
    expect(Object.fromEntries(told)).toMatchObject({
      WORKSPACE_ID: id,
      WORKSPACE_CONFIG_PATH: '/configs',
      PLATFORM_URL: 'http://p',
      MOLECULE_URL: 'http://p',
      TIER: '3',
      PLUGINS_DIR: '/plugins',
      PYTHONPATH: '/app',
      AWARENESS_NAMESPACE: 'workspace:x',
      AWARENESS_URL: 'http://a',
    });
  });

  test('says nothing of awareness where there is none', () => {
    expect([...env({}).keys()].filter((name) => name.startsWith('AWARENESS'))).toEqual([]);
  });

  test('lets what the workspace brings win over the platform’s block, each name once', () => {
    const lines = options({ env: { TIER: '9', KEY: 'a=b' } }).Env ?? [];
    expect(lines.filter((line) => line.startsWith('TIER='))).toEqual(['TIER=9']);
    expect(lines).toContain('KEY=a=b');
  });

  const binds = (over: Partial<BoxSpec>) => options(over).HostConfig?.Binds;
  test.each<[string, Partial<BoxSpec>, string[]]>([
    ['its own volume', {}, ['ws-0a1b2c3d-4e5-configs:/configs', `ws-${id}-workspace:/workspace`]],
    [
      'its own volume where the access to a host directory is none',
      { workspaceDir: '/srv/x' },
      ['ws-0a1b2c3d-4e5-configs:/configs', `ws-${id}-workspace:/workspace`],
    ],
    [
      'the host directory',
      { workspaceDir: '/srv/x', workspaceAccess: 'read_write' },
      ['ws-0a1b2c3d-4e5-configs:/configs', '/srv/x:/workspace'],
    ],
    [
      'the host directory for reading',
      { workspaceDir: '/srv/x', workspaceAccess: 'read_only' },
      ['ws-0a1b2c3d-4e5-configs:/configs', '/srv/x:/workspace:ro'],
    ],
    [
      'sessions for the runtime that has them',
      { runtime: 'claude-code' },
      [
        'ws-0a1b2c3d-4e5-configs:/configs',
        `ws-${id}-workspace:/workspace`,
        'ws-0a1b2c3d-4e5-claude-sessions:/root/.claude/sessions',
      ],
    ],
    [
      'only its configuration in the sandbox',
      { tier: 1, runtime: 'claude-code', workspaceDir: '/srv/x', workspaceAccess: 'read_write' },
      ['ws-0a1b2c3d-4e5-configs:/configs'],
    ],
    [
      'the engine’s socket on the last tier',
      { tier: 4 },
      [
        'ws-0a1b2c3d-4e5-configs:/configs',
        `ws-${id}-workspace:/workspace`,
        '/var/run/docker.sock:/var/run/docker.sock',
      ],
    ],
  ])('mounts %s', (_, over, expected) => {
    expect(binds(over)).toEqual(expected);
  });

  test('gives the sandbox a read-only root with a small temporary directory', () => {
    expect(options({ tier: 1 }).HostConfig).toMatchObject({
      ReadonlyRootfs: true,
      Tmpfs: { '/tmp': 'rw,noexec,nosuid,size=64m' },
    });
  });

  test('publishes the agent’s port on the loopback address only', () => {
    expect(options().HostConfig?.PortBindings).toEqual({ '8000/tcp': [{ HostIp: '127.0.0.1', HostPort: '' }] });
  });

  test('publishes nothing and joins no network on the network of the machine', () => {
    const { HostConfig, NetworkingConfig } = options({ tier: 4 });
    expect([HostConfig?.NetworkMode, HostConfig?.PortBindings, NetworkingConfig]).toEqual([
      'host',
      undefined,
      undefined,
    ]);
  });

  test.each([
    [2, {}, 512, 1],
    [3, {}, 2048, 2],
    [4, {}, 4096, 4],
    [7, {}, 512, 1],
    [2, { TIER2_MEMORY_MB: '768', TIER2_CPU_SHARES: '512' }, 768, 0.5],
    [7, { TIER2_MEMORY_MB: '768' }, 768, 1],
    [3, { TIER2_MEMORY_MB: '768' }, 2048, 2],
    [2, { TIER2_MEMORY_MB: '-1', TIER2_CPU_SHARES: '1.5' }, 512, 1],
    [2, { TIER2_MEMORY_MB: '', TIER2_CPU_SHARES: '0' }, 512, 1],
  ])('limits tier %i, told %j, to %i MiB and %f CPUs', (tier, overrides, memoryMb, cpus) => {
    expect(options({ tier }, overrides).HostConfig).toMatchObject({
      Memory: memoryMb * 1_048_576,
      NanoCpus: cpus * 1e9,
    });
  });

  test('does not limit the sandbox, whatever is set', () => {
    const { HostConfig } = options({ tier: 1 }, { TIER1_MEMORY_MB: '1', TIER2_MEMORY_MB: '1' });
    expect([HostConfig?.Memory, HostConfig?.NanoCpus]).toEqual([undefined, undefined]);
  });

  test('does not ask for more CPUs than the engine has', () => {
    const { HostConfig } = containerOptions(spec({ tier: 4 }), {
      owner: 'me',
      network: 'net',
      tierOverrides: {},
      mostCpus: 2,
    });
    expect(HostConfig?.NanoCpus).toBe(2e9);
  });

  test('prefers the limits of the runtime', () => {
    expect(options({ limits: { memoryMb: 64, cpus: 0.25 } }).HostConfig).toMatchObject({
      Memory: 64 * 1_048_576,
      NanoCpus: 0.25e9,
    });
  });
});
