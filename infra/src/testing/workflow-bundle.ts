import { bundleWorkflows, cachedBundle } from '../build/workflow-bundle.ts';

/**
 * The bundle of all workflows for `Worker.create({ workflowBundle: { codePath } })`, made by the first file that asks
 * (about 1 s) and kept for as long as the workflows do not change.
 */
export async function workflowBundle(): Promise<string> {
  const codePath = cachedBundle();
  await bundleWorkflows(codePath);
  return codePath;
}
