import type { Handler } from '../command/action.ts';
import { within } from '../command/deadline.ts';
import { LiveLine } from '../terminal/live-line.ts';
import { operationCard } from './card.ts';
import { follow } from './follow.ts';
import { outcomeFailure } from './outcome.ts';
import { Progress } from './progress.ts';
import type { OperationView } from './state-style.ts';

export interface WatchOptions {
  readonly timeout?: number;
}

/** `operation watch`: the steps as they happen, and how it ended. */
export const watchOperation: Handler<[id: string], WatchOptions> = async (session) => {
  const { args, options, output, terminal } = session;
  const [id] = args;
  const live = new LiveLine(terminal.out);
  const progress = new Progress(live, terminal.out.paint);
  const late = { what: `The operation ${id} has not ended`, next: `holdfast operation watch ${id}` };
  let ended: OperationView | undefined;
  try {
    await within(session, options.timeout, late, async (api) => {
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
};
