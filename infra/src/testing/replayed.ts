import { quietRuntime } from './quiet-runtime.ts';
import { workflowBundle } from './workflow-bundle.ts';

/**
 * Replays histories of Temporal, in the JSON of its command line, on the workflows as they are. One worker replays them
 * all, since making one costs more than a replay. Tells of each by its name: `replayed`, or what stood in the way.
 */
export async function replayed(histories: Readonly<Record<string, unknown>>): Promise<Record<string, string>> {
  await quietRuntime();
  const { Worker } = await import('@temporalio/worker');
  const bundle = { codePath: await workflowBundle() };
  const named = Object.entries(histories).map(([workflowId, history]) => ({ workflowId, history }));
  const outcomes: Record<string, string> = {};
  for await (const { workflowId, error } of Worker.runReplayHistories({ workflowBundle: bundle }, named))
    outcomes[workflowId] = error?.message ?? 'replayed';
  return outcomes;
}
