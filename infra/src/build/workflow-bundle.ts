import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { run } from '../process/run.ts';
import { root } from '../root.ts';

const source = path.join(root, 'workflows/src');

/** What the bundle depends on: the workflows themselves and the versions that the lockfile fixes. */
function workflowsHash(): string {
  const hash = createHash('sha256').update(readFileSync(path.join(root, 'pnpm-lock.yaml')));
  for (const name of readdirSync(source, { recursive: true, encoding: 'utf8' }).sort()) {
    if (!name.endsWith('.ts') || name.endsWith('.test.ts')) continue;
    hash.update(name).update(readFileSync(path.join(source, name)));
  }
  return hash.digest('hex').slice(0, 16);
}

/** Where the bundle of the workflows as they are is kept. */
export const cachedBundle = (): string =>
  path.join(root, 'node_modules/.cache/holdfast', `workflows-${workflowsHash()}.js`);

/**
 * Bundles the workflows for the worker's sandbox, unless the file is there already. In a process of its own: the
 * bundler takes 300 MB that would never be given back.
 */
export async function bundleWorkflows(target: string): Promise<void> {
  if (existsSync(target)) return;
  const { code, output } = await run(process.execPath, [
    path.join(root, 'infra/src/build/bundle-workflows.ts'),
    target,
  ]);
  if (code !== 0) throw new Error(`the workflows cannot be bundled:\n${output}`);
}
