import { describe, expect, test } from 'vitest';
import { ownUrl, readConfig } from './config.ts';

const env = { WORKSPACE_ID: 'w', PLATFORM_URL: 'http://platform:8080' };

describe('readConfig', () => {
  test('needs only the workspace and the platform', () => {
    expect(readConfig(env)).toMatchObject({ workspaceId: 'w', configPath: '/configs', port: 8000, beatMs: 30_000 });
  });

  test('takes the older name of the platform address', () => {
    expect(readConfig({ WORKSPACE_ID: 'w', MOLECULE_URL: 'http://old:1' }).platformUrl.host).toBe('old:1');
  });

  test('takes an empty variable as one that is not set', () => {
    expect(readConfig({ ...env, AGENT_PORT: '', HOLDFAST_BEAT_SECONDS: ' ' })).toMatchObject({
      port: 8000,
      beatMs: 30_000,
    });
  });

  test('names everything that is wrong at once', () => {
    expect(() => readConfig({ AGENT_PORT: 'x', HOLDFAST_BEAT_SECONDS: '-1', PLATFORM_URL: 'ftp://a' })).toThrow(
      /WORKSPACE_ID .*PLATFORM_URL .*AGENT_PORT .*HOLDFAST_BEAT_SECONDS /,
    );
  });
});

describe('ownUrl', () => {
  test('names the address it listens on', () => {
    expect(ownUrl(readConfig({ ...env, AGENT_HOST: '127.0.0.1' }), 4711)).toBe('http://127.0.0.1:4711');
  });

  test('prefers the address it was told', () => {
    expect(ownUrl(readConfig({ ...env, AGENT_URL: 'http://ws-1:8000' }), 8000)).toBe('http://ws-1:8000');
  });
});
