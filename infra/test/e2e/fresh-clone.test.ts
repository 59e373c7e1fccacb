import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { postgresDirectory } from '../../src/postgres/directory.ts';
import { run } from '../../src/process/run.ts';
import { root } from '../../src/root.ts';
import { hasDocker } from '../../src/testing/index.ts';
import { processesOf } from './launch.ts';

// What a newcomer has: the files of the checkout in a folder of their own that nobody else may enter, a Node of any age
// and npm.
let clone: string;
beforeAll(() => {
  clone = mkdtempSync(path.join(os.tmpdir(), 'holdfast-clone-'));
  const listed = execFileSync('git', ['ls-files', '-co', '--exclude-standard', '-z'], { cwd: root, encoding: 'utf8' });
  for (const file of new Set(listed.split('\0').filter((name) => name !== ''))) {
    mkdirSync(path.dirname(path.join(clone, file)), { recursive: true });
    cpSync(path.join(root, file), path.join(clone, file), { verbatimSymlinks: true });
  }
});
afterAll(async () => {
  rmSync(await postgresDirectory(path.join(clone, '.data/postgres')), { recursive: true, force: true });
  rmSync(clone, { recursive: true });
});

/** The environment of a person: nothing of this test run, and no program of this checkout on the PATH. */
function personal(): NodeJS.ProcessEnv {
  const folders = (process.env['PATH'] ?? '').split(path.delimiter).filter((folder) => !folder.startsWith(root));
  const { HOME, DOCKER_HOST, npm_config_registry, PIP_INDEX_URL, PIP_FIND_LINKS } = process.env;
  return { PATH: folders.join(path.delimiter), HOME, DOCKER_HOST, npm_config_registry, PIP_INDEX_URL, PIP_FIND_LINKS };
}

test(
  'npm start -- --once on a fresh clone ends with a workspace that was online, in under three minutes',
  { timeout: 300_000 },
  async () => {
    const began = performance.now();
    const { code, output } = await run('npm', ['start', '--', '--once'], { cwd: clone, env: personal() });
    expect(code, output).toBe(0);
    expect(output).toMatch(/Workspace +first +online/);
    expect(output).toMatch(hasDocker() ? /Boxes +Docker containers/ : /Boxes +processes of this machine/);
    expect(processesOf(path.join(clone, '.data'))).toEqual([]);
    expect(performance.now() - began).toBeLessThan(180_000);
  },
);

test('the command line of the clone finds nobody at home, and says so', async () => {
  const { code, output } = await run('bin/holdfast', ['workspace', 'list'], { cwd: clone, env: personal() });
  expect(code).not.toBe(0);
  expect(output).toMatch(/http:\/\/127\.0\.0\.1:\d+/);
});
