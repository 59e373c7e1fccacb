import type { Handler } from '../command/action.ts';
import { dryRunQuery, toldPlan } from '../plan/plan.ts';
import { operationCard } from './card.ts';
import type { CancelOptions } from './cancel.ts';
import { isTree } from './follow-tree.ts';
import { workspaceNames } from './list.ts';
import { outcomeFailure } from './outcome.ts';
import { tally } from './tree-progress.ts';
import { waitForOperation } from './wait.ts';
import { treeFailure, waitForTree } from './wait-tree.ts';

/** `operation retry`: does again what failed or was cancelled, as a new operation. */
export const retryOperation: Handler<[id: string], CancelOptions> = async (call) => {
  const { api, args, options, output, terminal } = call;
  const key = options.idempotencyKey;
  const answer = await api.call('POST /operations/{id}/retry', {
    path: { id: args[0] },
    query: dryRunQuery(options.dryRun),
    ...(key === undefined ? {} : { idempotencyKey: key }),
  });
  if (toldPlan(output, answer, options, 'retry')) return;
  const { operation_id: id, status } = answer;
  if (output.mode !== 'json' || !options.wait) {
    output.result({
      json: () => answer,
      quiet: () => [id],
      people: (paint) => [`${paint('green', status)}  ${id}  again ${args[0]}`],
    });
  }
  if (!options.wait) return output.note(`To watch: holdfast operation watch ${id}`);
  if (await isTree(api, id)) {
    const ended = await waitForTree(
      call,
      { treeId: id, names: await workspaceNames(api) },
      options.timeout,
      terminal.err,
    );
    if (output.mode === 'json')
      output.result({ json: () => ({ ...answer, operations: ended }), quiet: () => [], people: () => [] });
    const failed = treeFailure(id, ended);
    if (failed) throw failed;
    if (output.mode === 'people') terminal.out.write(`${terminal.out.paint('green', tally(ended))}\n`);
    return;
  }
  const ended = await waitForOperation(call, id, options.timeout);
  if (output.mode !== 'quiet') {
    output.result({
      json: () => ({ ...answer, operation: ended }),
      quiet: () => [],
      people: (paint) => ['', ...operationCard(ended, paint)],
    });
  }
  const failure = outcomeFailure(ended);
  if (failure) throw failure;
};
