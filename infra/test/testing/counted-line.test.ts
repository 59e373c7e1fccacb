import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { run } from '../../src/process/run.ts';
import { root } from '../../src/root.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'holdfast-count-'));
  symlinkSync(path.join(root, 'node_modules'), path.join(folder, 'node_modules'));
  writeFileSync(path.join(folder, 'package.json'), '{ "type": "module" }');
});
afterEach(() => rmSync(folder, { recursive: true }));

/** The last line and the exit code of a run over one test file with this body. */
async function countOf(body: string): Promise<{ line: string | undefined; code: number | null }> {
  writeFileSync(
    path.join(folder, 'a.test.ts'),
    `import { beforeAll, describe, expect, test } from 'vitest';\n${body}\n`,
  );
  const reporter = path.join(root, 'infra/src/testing/counted-line.ts');
  const vitest = path.join(root, 'node_modules/.bin/vitest');
  const { code, output } = await run(vitest, ['run', '--reporter', 'default', '--reporter', reporter], { cwd: folder });
  return { line: output.trim().split('\n').at(-1), code };
}

test('counts what passed, failed and was skipped in the last line', async () => {
  const body = `
    test('a', () => {});
    test('b', () => {});
    test('c', () => expect(1).toBe(2));
    test.skip('d', () => {});
    test.todo('e');`;
  expect(await countOf(body)).toEqual({ line: 'tests: 2 passed, 1 failed, 2 skipped', code: 1 });
});

test('counts a hook that fails, though no test of it ran', async () => {
  const body = `
    test('a', () => {});
    describe('b', () => {
      beforeAll(() => { throw new Error('no server'); });
      test('c', () => {});
    });`;
  expect(await countOf(body)).toEqual({ line: 'tests: 1 passed, 1 failed, 1 skipped', code: 1 });
});

test('counts a file that cannot be read as a failure', async () => {
  expect(await countOf(`import './missing.ts';`)).toEqual({ line: 'tests: 0 passed, 1 failed, 0 skipped', code: 1 });
});

test('counts a rejection that nobody handled as a failure', async () => {
  const body = `test('a', () => { void Promise.reject(new Error('lost')); });`;
  expect(await countOf(body)).toEqual({ line: 'tests: 1 passed, 1 failed, 0 skipped', code: 1 });
});
