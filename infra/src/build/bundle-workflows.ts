import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { bundleWorkflowCode } from '@temporalio/worker';
import { root } from '../root.ts';

// bundle-workflows.ts TARGET   writes the bundle of all workflows
const [target = ''] = process.argv.slice(2);
const quiet = () => undefined;
const { code } = await bundleWorkflowCode({
  workflowsPath: path.join(root, 'workflows/src/index.ts'),
  logger: { log: quiet, trace: quiet, debug: quiet, info: quiet, warn: console.warn, error: console.error },
});
mkdirSync(path.dirname(target), { recursive: true });
// Whole or not there: several may write the same one at once.
const partial = `${target}.${process.pid}`;
writeFileSync(partial, code);
renameSync(partial, target);
