import { describe, expect, test } from 'vitest';
import { LiarEngine, liarBackend } from '../src/box/testing/liar.ts';
import { aSpec, describeBoxPort, never, problem } from './box-port.ts';
import { localBoxTests } from './box-port-local.ts';

describeBoxPort(
  'a lying engine',
  async () => {
    const engine = new LiarEngine();
    const backend = liarBackend(engine, 'ours');
    return {
      backend,
      stranger: liarBackend(engine, 'theirs'),
      image: 'any',
      async halfHeard(spec) {
        engine.lie('start', 'lost');
        await backend.start(spec, never).catch(() => undefined);
      },
      async readConfig(workspaceId, name) {
        const text = engine.volumes.get(workspaceId)?.files.get(name);
        return text === undefined ? null : { text, mode: null };
      },
      hasWork: async (workspaceId) => engine.volumes.get(workspaceId)?.work ?? false,
      answers: async (url) => engine.children.has(url.slice('liar://'.length)),
      close: async () => undefined,
    };
  },
  true,
  localBoxTests,
);

describe('a lying engine', () => {
  test('carries a late start out when it gets to it', async () => {
    const engine = new LiarEngine();
    const backend = liarBackend(engine, 'ours');
    const spec = aSpec('any');
    engine.lie('start', 'late');
    await expect(backend.start(spec, never)).rejects.toEqual(problem('unreachable'));
    expect(await backend.stop({ ...spec, externalId: null })).toBe('absent');
    engine.catchUp();
    expect(await backend.stop({ ...spec, externalId: null })).toBe('stopped');
  });

  test('makes one box of a start that arrives twice', async () => {
    const engine = new LiarEngine();
    engine.lie('start', 'doubled');
    await liarBackend(engine, 'ours').start(aSpec('any'), never);
    expect(engine.children.size).toBe(1);
  });

  test('says that a box it cannot ask about is running', async () => {
    const engine = new LiarEngine();
    engine.lie('isRunning', 'failed');
    const probe = await liarBackend(engine, 'ours').isRunning({ ...aSpec('any'), externalId: null });
    expect(probe).toEqual({ running: true, cannotTell: problem('failed') });
  });
});
