import type { Call, Handler } from '../command/action.ts';
import { within } from '../command/deadline.ts';
import { LiveLine } from '../terminal/live-line.ts';
import { operationCard } from './card.ts';
import { follow } from './follow.ts';
import { isTree } from './follow-tree.ts';
import { workspaceNames } from './list.ts';
import { outcomeFailure } from './outcome.ts';
import { Progress } from './progress.ts';
import type { OperationView } from './state-style.ts';
import { tally, tookTogether } from './tree-progress.ts';
import { treeFailure, waitForTree } from './wait-tree.ts';

export interface WatchOptions {
  readonly timeout?: number;
}

type WatchCall = Call<[id: string], WatchOptions>;

/** `operation watch`: the steps as they happen, or the members of a tree, and how it ended. */
export const watchOperation: Handler<[id: string], WatchOptions> = async (call) =>
  (await isTree(call.api, call.args[0])) ? watchTree(call) : watchOne(call);

async function watchTree(call: WatchCall): Promise<void> {
  const { api, args, options, output, terminal } = call;
  const [id] = args;
  const names = output.mode === 'people' ? await workspaceNames(api) : new Map<string, string>();
  const ended = await waitForTree(call, { treeId: id, names }, options.timeout, terminal.out, (heard) => {
    if (output.mode === 'json' && 'ended' in heard)
      output.line({ json: () => ({ member: heard.ended }), quiet: () => [], people: () => [] });
  });
  const failure = treeFailure(id, ended);
  const took = tookTogether(ended);
  if (output.mode === 'json') output.line({ json: () => ({ end: ended }), quiet: () => [], people: () => [] });
  else {
    output.result({
      json: () => null,
      quiet: () => [failure ? 'failed' : 'succeeded'],
      people: (paint) => [
        '',
        `${paint(failure ? 'red' : 'green', tally(ended))}${took === undefined ? '' : `  after ${took}`}`,
      ],
    });
  }
  if (failure) throw failure;
}

async function watchOne(call: WatchCall): Promise<void> {
  const { args, options, output, terminal } = call;
  const [id] = args;
  const live = new LiveLine(terminal.out);
  const progress = new Progress(live, terminal.out.paint);
  const late = { what: `The operation ${id} has not ended`, next: `holdfast operation watch ${id}` };
  let ended: OperationView | undefined;
  try {
    await within(call, options.timeout, late, async (api) => {
      for await (const heard of follow(api, id)) {
        if (output.mode === 'people' && 'step' in heard) progress.tell(heard.step);
        if (output.mode === 'json') output.line({ json: () => heard, quiet: () => [], people: () => [] });
        if ('end' in heard) ended = heard.end;
      }
    });
  } finally {
    live.stop();
  }
  if (!ended) return;
  const operation = ended;
  if (output.mode !== 'json') {
    output.result({
      json: () => null,
      quiet: () => [operation.state],
      people: (paint) => ['', ...operationCard(operation, paint)],
    });
  }
  const failure = outcomeFailure(operation);
  if (failure) throw failure;
}
