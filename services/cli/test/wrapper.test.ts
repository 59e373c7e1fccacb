import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, expect, test } from 'vitest';

const checkout = path.resolve(import.meta.dirname, '../../..');
const wrapper = path.join(checkout, 'bin/holdfast');
const { version } = JSON.parse(readFileSync(path.join(checkout, 'services/cli/package.json'), 'utf8')) as {
  version: string;
};
const folder = mkdtempSync(path.join(os.tmpdir(), 'holdfast-cli-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('runs from the checkout, and from wherever a link to it is', async () => {
  const link = path.join(folder, 'holdfast');
  symlinkSync(wrapper, link);
  for (const program of [wrapper, link]) {
    const { stdout } = await promisify(execFile)(program, ['--version'], { cwd: folder });
    expect(stdout).toBe(`${version}\n`);
  }
});

test('passes the exit code on', async () => {
  const running = promisify(execFile)(wrapper, [
    'workspace',
    'get',
    'scout',
    '--gateway',
    'http://127.0.0.1:1',
    '--json',
  ]);
  await expect(running).rejects.toMatchObject({ code: 6, stderr: expect.stringContaining('CLI_UNREACHABLE') });
});
