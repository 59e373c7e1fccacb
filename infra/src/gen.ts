import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { root } from './root.ts';

// gen.ts          writes every generated file: runs the `gen` script of each package that has one
// gen.ts --check  fails when one that is committed is not what its source says: runs `gen:check`

/** In order: the command line's types come from the gateway's document. */
const packages = ['prisma', 'services/gateway', 'services/cli', 'infra'];

const script = process.argv.includes('--check') ? 'gen:check' : 'gen';
for (const name of packages) {
  const folder = path.join(root, name);
  const { scripts = {} } = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8')) as {
    scripts?: Record<string, string>;
  };
  if (scripts[script] === undefined) continue;
  const { status } = spawnSync('npm', ['run', '--silent', script], { cwd: folder, stdio: 'inherit' });
  if (status !== 0) {
    console.error(`holdfast: "npm run ${script}" failed in ${name}.`);
    process.exit(1);
  }
}
