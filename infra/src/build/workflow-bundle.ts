import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { bundleWorkflowCode } from '@temporalio/worker';
import { root } from '../root.ts';

const source = path.join(root, 'workflows/src');

/** What the bundle depends on: the workflows themselves and the versions that the lockfile fixes. */
export function workflowsHash(): string {
  const hash = createHash('sha256').update(readFileSync(path.join(root, 'pnpm-lock.yaml')));
  for (const name of readdirSync(source, { recursive: true, encoding: 'utf8' }).sort()) {
    if (name.endsWith('.ts') && !name.endsWith('.test.ts')) hash.update(name).update(readFileSync(path.join(source, name)));
  }
  return hash.digest('hex').slice(0, 16);
}

/** Bundles the workflows for the worker's sandbox, unless the file is there already. */
export async function bundleWorkflows(target: string): Promise<void> {
  if (existsSync(target)) return;
  const { code } = await bundleWorkflowCode({
    workflowsPath: path.join(source, 'index.ts'),
    logger: { log() {}, trace() {}, debug() {}, info() {}, warn() {}, error() {} },
  });
  mkdirSync(path.dirname(target), { recursive: true });
  // Whole or not there: several test files may ask at once.
  const partial = `${target}.${process.pid}`;
  writeFileSync(partial, code);
  renameSync(partial, target);
}
