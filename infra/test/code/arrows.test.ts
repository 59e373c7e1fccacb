import { mkdirSync, mkdtempSync, copyFileSync, symlinkSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { run } from '../../src/process/run.ts';
import { root } from '../../src/root.ts';

// Each bad sample is linted in a folder of its own with the repository's configuration.
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'holdfast-lint-'));
  copyFileSync(path.join(root, '.oxlintrc.json'), path.join(folder, '.oxlintrc.json'));
  copyFileSync(path.join(root, 'tsconfig.json'), path.join(folder, 'tsconfig.json'));
  symlinkSync(path.join(root, 'node_modules'), path.join(folder, 'node_modules'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** The rules the code breaks when it stands in that file. */
async function brokenRules(file: string, code: string, ...options: string[]): Promise<string[]> {
  const target = path.join(folder, file);
  mkdirSync(path.dirname(target), { recursive: true });
  writeFileSync(target, code);
  const oxlint = path.join(root, 'node_modules/.bin/oxlint');
  const { output } = await run(oxlint, ['--format', 'unix', ...options, file], { cwd: folder });
  rmSync(target);
  return [...output.matchAll(/\[Error\/(?<rule>[^\]]+)\]/g)].map((match) => match.groups?.['rule'] ?? '');
}

const importing = (specifier: string) => `import * as it from '${specifier}';\nexport const value = it;\n`;
const RESTRICTED = 'eslint(no-restricted-imports)';

test.each([
  ['workflows/src/box/x.ts', 'node:fs'],
  ['workflows/src/box/x.ts', 'fs'],
  ['workflows/src/box/x.ts', 'zod'],
  ['workflows/src/box/x.ts', '@nestjs/common'],
  ['workflows/src/box/x.ts', '@prisma/client'],
  ['workflows/src/box/x.ts', '@holdfast/prisma'],
  ['workflows/src/box/x.ts', '@holdfast/activities/box/docker'],
  ['workflows/src/box/x.ts', '../../../activities/src/box/docker.ts'],
  ['workflows/src/box/x.ts', '@temporalio/client'],
  ['activities/src/box/x.ts', '@holdfast/gateway/main'],
  ['activities/src/box/x.ts', '@holdfast/infra/root'],
  ['activities/src/box/x.ts', '@nestjs/common'],
  ['activities/src/box/x.ts', '../../../services/gateway/src/main.ts'],
  ['activities/src/box/x.ts', '../../../workflows/src/box/ports.ts'],
  ['prisma/src/x.ts', '@holdfast/workflows/workspace/status'],
  ['prisma/src/x.ts', '@holdfast/activities/secret/cipher'],
  ['services/gateway/src/box/x.ts', '@holdfast/activities/box/docker/docker-backend'],
  ['services/gateway/src/box/x.ts', '@holdfast/activities/loop/sweep'],
  ['services/gateway/src/box/x.ts', '@holdfast/activities'],
  ['services/gateway/src/box/x.ts', '@holdfast/infra/root'],
  ['services/gateway/src/box/x.ts', '@holdfast/worker/main'],
  ['services/gateway/src/box/x.ts', '../../../worker/src/main.ts'],
  ['services/gateway/src/box/x.ts', 'dockerode'],
  ['services/gateway/src/box/x.ts', '@temporalio/worker'],
  ['services/worker/src/x.ts', '@holdfast/gateway/main'],
  ['services/worker/src/x.ts', '@holdfast/infra/root'],
  ['services/worker/src/x.ts', '@nestjs/common'],
  ['services/control-plane/src/x.ts', '@holdfast/prisma'],
  ['services/control-plane/src/x.ts', '@holdfast/workflows/box/box'],
  ['services/control-plane/src/x.ts', '@holdfast/activities/box/dispatcher'],
  ['services/control-plane/src/x.ts', '@holdfast/gateway/main'],
  ['services/control-plane/src/x.ts', '@holdfast/infra/root'],
  ['services/control-plane/src/x.ts', '@temporalio/client'],
  ['services/cli/src/x.ts', '@holdfast/prisma'],
  ['services/cli/src/x.ts', '@holdfast/activities/operation/intake'],
  ['services/cli/src/x.ts', '@temporalio/client'],
  ['services/agent/src/x.ts', '@holdfast/workflows/workspace/status'],
  ['services/agent/src/x.ts', '../../gateway/src/main.ts'],
])('refuses that %s imports %s', async (file, specifier) => {
  expect(await brokenRules(file, importing(specifier))).toContain(RESTRICTED);
});

test.each([
  ['activities/src/box/x.ts', '@holdfast/workflows/box/ports'],
  ['activities/src/box/x.ts', '@holdfast/prisma'],
  ['activities/src/box/x.ts', 'node:fs'],
  ['services/gateway/src/agent/x.ts', '@holdfast/activities/agent/register'],
  ['services/gateway/src/agent/x.ts', '@holdfast/workflows/failure/codes'],
  ['services/gateway/src/agent/x.ts', '@holdfast/prisma'],
  ['services/gateway/src/box/x.ts', '../agent/register.ts'],
  ['services/worker/src/x.ts', '@holdfast/activities/box/docker/docker-backend'],
  ['services/worker/src/x.ts', '@holdfast/prisma'],
  ['services/control-plane/src/x.ts', '@holdfast/activities/secret/cipher'],
  ['services/control-plane/src/x.ts', '@holdfast/activities/log/log-options'],
  ['workflows/src/box/x.test.ts', 'node:fs'],
])('allows that %s imports %s', async (file, specifier) => {
  expect(await brokenRules(file, importing(specifier))).not.toContain(RESTRICTED);
});

test('refuses two files that import each other', async () => {
  mkdirSync(path.join(folder, 'activities/src/org'), { recursive: true });
  writeFileSync(
    path.join(folder, 'activities/src/org/a.ts'),
    "import { b } from './b.ts';\nexport const a = () => b;\n",
  );
  const back = "import { a } from './a.ts';\nexport const b = () => a;\n";
  expect(await brokenRules('activities/src/org/b.ts', back)).toContain('import(no-cycle)');
});

test('refuses process.env outside a config.ts', async () => {
  const code = "export const port = process.env['PORT'];\n";
  expect(await brokenRules('services/gateway/src/main.ts', code)).toContain('node(no-process-env)');
  expect(await brokenRules('services/gateway/src/config.ts', code)).toEqual([]);
});

test('refuses a promise that nobody awaits', async () => {
  const code = 'export const begin = () => { work(); };\nconst work = async () => { await Promise.resolve(); };\n';
  expect(await brokenRules('activities/src/org/x.ts', code, '--type-aware')).toContain(
    'typescript(no-floating-promises)',
  );
});

test('refuses a focused and a skipped test', async () => {
  const code = "import { test } from 'vitest';\ntest.only('a', () => {});\ntest.skip('b', () => {});\n";
  expect(await brokenRules('activities/src/org/x.test.ts', code)).toEqual(
    expect.arrayContaining([expect.stringContaining('no-focused-tests'), expect.stringContaining('no-disabled-tests')]),
  );
});
