import { spawnSync } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { root } from './root.ts';

// gen.ts          writes every generated file: runs the `gen` script of each package that has one
// gen.ts --check  fails when one that is committed is not what its source says: runs `gen:check`
const script = process.argv.includes('--check') ? 'gen:check' : 'gen';
for (const manifest of globSync(['*/package.json', 'services/*/package.json'], { cwd: root }).sort()) {
  const { scripts } = JSON.parse(readFileSync(path.join(root, manifest), 'utf8')) as {
    scripts?: Record<string, string>;
  };
  if (scripts?.[script] === undefined) continue;
  const folder = path.join(root, path.dirname(manifest));
  const { status } = spawnSync('npm', ['run', '--silent', script], { cwd: folder, stdio: 'inherit' });
  if (status !== 0) {
    console.error(`holdfast: "${script}" failed in ${path.dirname(manifest)}.`);
    process.exit(1);
  }
}
