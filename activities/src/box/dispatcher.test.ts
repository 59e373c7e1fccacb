import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { createDispatcher } from './dispatcher.ts';
import { LiarEngine, liarBackend } from './testing/liar.ts';

const ref = { boxId: 'b', workspaceId: 'w', externalId: null };
const noBackend = expect.objectContaining({ problem: 'noBackend' });

describe('a dispatcher', () => {
  test('asks the backend of the kind that is named', async () => {
    const engine = new LiarEngine();
    const dispatcher = createDispatcher([liarBackend(engine, 'me')]);
    expect(await dispatcher.stop('docker', ref)).toBe('absent');
    expect(await dispatcher.isRunning('docker', ref)).toEqual({ running: false });
    expect(engine.heard).toEqual(['stop', 'isRunning']);
  });

  test.each([
    ['without any backend', []],
    ['without the backend that is named', [liarBackend(new LiarEngine(), 'me')]],
  ])('has an answer for everything %s', async (_, backends) => {
    const dispatcher = createDispatcher(backends);
    expect(await dispatcher.stop('process', ref)).toBe('noBackend');
    await expect(dispatcher.isRunning('process', ref)).rejects.toEqual(noBackend);
    expect(() => dispatcher.backendOf('process')).toThrow(expect.objectContaining({ problem: 'noBackend' }));
    await expect(dispatcher.removeVolumes('w', { purge: true })).resolves.toBeUndefined();
  });
});

test('incident 2: no activity reaches a backend but through the dispatcher', () => {
  const sources = path.join(import.meta.dirname, '..');
  const isBackend = (file: string): boolean => /^box\/(docker|process|control-plane|testing)\//.test(file);
  const importsOf = (file: string): string[] =>
    [...readFileSync(path.join(sources, file), 'utf8').matchAll(/from '(?<from>\.[^']*)'/g)].map((match) =>
      path.join(path.dirname(file), match.groups?.['from'] ?? ''),
    );
  const reaching = readdirSync(sources, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts') && !isBackend(file))
    .filter((file) => importsOf(file).some(isBackend));
  expect(reaching).toEqual([]);
});
