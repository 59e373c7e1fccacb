import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { run } from '../../src/process/run.ts';
import { root } from '../../src/root.ts';

// A checkout with the command alone, whose dependencies count as installed, and a PATH that has nothing but what a test
// puts there.
let checkout: string;
let bin: string;
beforeEach(() => {
  checkout = mkdtempSync(path.join(os.tmpdir(), 'holdfast-dev-'));
  bin = path.join(checkout, 'path');
  for (const folder of ['bin', 'path', 'node_modules/.pnpm', 'prisma/src/generated']) {
    mkdirSync(path.join(checkout, folder), { recursive: true });
  }
  copyFileSync(path.join(root, 'bin/dev'), path.join(checkout, 'bin/dev'));
  writeFileSync(path.join(checkout, '.node-version'), '24.21.0\n');
  for (const file of ['pnpm-lock.yaml', 'node_modules/.pnpm/lock.yaml']) writeFileSync(path.join(checkout, file), 'a');
  writeFileSync(path.join(checkout, 'prisma/schema.prisma'), '');
  writeFileSync(path.join(checkout, 'prisma/src/generated/client.ts'), '');
  for (const tool of ['sh', 'dirname', 'cat', 'mkdir', 'mv', 'rm', 'cmp', 'ln', 'readlink', 'sleep', 'touch', 'env']) {
    symlinkSync(
      path.join(['/usr/bin', '/bin'].find((folder) => existsSync(path.join(folder, tool))) ?? '', tool),
      path.join(bin, tool),
    );
  }
});
afterEach(() => rmSync(checkout, { recursive: true }));

function program(name: string, script: string): void {
  writeFileSync(path.join(bin, name), `#!/bin/sh\n${script}\n`);
  chmodSync(path.join(bin, name), 0o755);
}
/** A Node that is too old to run TypeScript, as far as anybody can tell. */
const oldNode = (): void => program('node', `[ "$1" = -e ] && exit 1\nexec "${process.execPath}" "$@"`);
const newNode = (): void => program('node', `exec "${process.execPath}" "$@"`);
/** An npm that makes the program of any package, slowly enough for a twin to come. */
const quickNpm = (): void =>
  program(
    'npm',
    `while [ "$1" != --prefix ]; do shift; done
     prefix=$2; for package in "$@"; do :; done
     echo "$package" >> "${checkout}/fetched"
     sleep 0.2; name=\${package%@*}; name=\${name%%-*}
     mkdir -p "$prefix/node_modules/.bin"
     printf '#!/bin/sh\\necho pinned %s "$@"\\n' "$package" > "$prefix/node_modules/.bin/$name"
     /bin/chmod +x "$prefix/node_modules/.bin/$name"`,
  );

const dev = (...command: string[]) =>
  run(path.join(checkout, 'bin/dev'), command, { env: { PATH: bin, HOME: checkout } });
const fetched = (): string[] =>
  existsSync(path.join(checkout, 'fetched'))
    ? readFileSync(path.join(checkout, 'fetched'), 'utf8').trim().split('\n')
    : [];
const pinnedNode = `node-${process.platform}-${process.arch}@24.21.0`;

test('runs the pinned Node where the one on PATH is too old', async () => {
  oldNode();
  quickNpm();
  const { code, output } = await dev('node', 'start.ts');
  expect(output).toContain(`pinned ${pinnedNode} start.ts`);
  expect(code).toBe(0);
});

test('fetches nothing that is there', async () => {
  oldNode();
  quickNpm();
  await dev('node');
  const before = fetched();
  const { output } = await dev('node', 'again');
  expect(output.trim()).toBe(`pinned ${pinnedNode} again`);
  expect(fetched()).toEqual(before);
});

test('uses a system Node that is new enough and fetches pnpm only', async () => {
  newNode();
  quickNpm();
  const { output } = await dev('node', '-p', '"mine"');
  expect(output).toContain('mine');
  expect(fetched()).toEqual(['pnpm@12.4.2']);
});

test('two runs at once both succeed and leave whole folders only', async () => {
  oldNode();
  quickNpm();
  const both = await Promise.all([dev('node', 'one'), dev('node', 'two')]);
  expect(both.map(({ code }) => code)).toEqual([0, 0]);
  expect(
    readdirSync(path.join(checkout, '.tools'))
      .filter((name) => !name.endsWith('.log'))
      .sort(),
  ).toEqual(['node-24.21.0', 'pnpm-12.4.2']);
  expect(readdirSync(path.join(checkout, '.tools/node-24.21.0'))).toEqual(['node_modules']);
});

test('says in one sentence that npm cannot be reached, and keeps no half-fetched folder', async () => {
  oldNode();
  program('npm', 'echo ENOTFOUND; exit 1');
  const { code, output } = await dev('node');
  expect(code).toBe(1);
  expect(output).toMatch(/could not be fetched from the npm registry: check the network and npm's proxy settings/);
  expect(output).not.toContain('ENOTFOUND');
  expect(readdirSync(path.join(checkout, '.tools'))).toEqual(['fetch.log']);
});

test('says in one sentence that Node is missing', async () => {
  const { code, output } = await dev('node');
  expect(code).toBe(1);
  expect(output.trim().split('\n')).toEqual([expect.stringMatching(/Node\.js 20 or newer is needed/)]);
});

test('installs before it runs when the lockfile changed, once for two runs', async () => {
  newNode();
  quickNpm();
  writeFileSync(path.join(checkout, 'pnpm-lock.yaml'), 'b');
  await dev('true').catch(() => undefined);
  const pnpm = path.join(checkout, '.tools/pnpm-12.4.2/node_modules/.bin/pnpm');
  const install = `echo install >> "${checkout}/installs"; sleep 0.2; cp pnpm-lock.yaml node_modules/.pnpm/lock.yaml`;
  writeFileSync(pnpm, `#!/bin/sh\nPATH=$PATH:/usr/bin:/bin\n${install}\n`);
  const both = await Promise.all([dev('node', '-p', '1'), dev('node', '-p', '2')]);
  expect(both.map(({ code }) => code)).toEqual([0, 0]);
  expect(readFileSync(path.join(checkout, 'installs'), 'utf8')).toBe('install\n');
});

test('a run that was killed while it installed does not stop the next', async () => {
  newNode();
  quickNpm();
  await dev('node', '-p', '1');
  writeFileSync(path.join(checkout, 'pnpm-lock.yaml'), 'b');
  const gone = await run('/bin/sh', ['-c', 'echo $$']);
  symlinkSync(gone.output.trim(), path.join(checkout, '.tools/install.lock'));
  const pnpm = path.join(checkout, '.tools/pnpm-12.4.2/node_modules/.bin/pnpm');
  writeFileSync(pnpm, '#!/bin/sh\nexec /bin/cp pnpm-lock.yaml node_modules/.pnpm/lock.yaml\n');
  expect((await dev('node', '-p', '"up"')).output).toContain('up');
  expect(existsSync(path.join(checkout, '.tools/install.lock'))).toBe(false);
});

test('an installation that fails is one sentence with the log', async () => {
  newNode();
  quickNpm();
  await dev('node', '-p', '1');
  writeFileSync(path.join(checkout, 'pnpm-lock.yaml'), 'b');
  const pnpm = path.join(checkout, '.tools/pnpm-12.4.2/node_modules/.bin/pnpm');
  writeFileSync(pnpm, '#!/bin/sh\necho ENOTFOUND\nexit 1\n');
  const { code, output } = await dev('node', '-p', '1');
  expect(code).toBe(1);
  expect(output).toMatch(/the dependencies could not be installed: check the network .* \(log: .*install\.log\)/);
  expect(output).not.toContain('ENOTFOUND');
});
