import type { Api } from '../api/api.ts';
import { within } from '../command/deadline.ts';
import type { Session } from '../command/session.ts';
import { LiveLine } from '../terminal/live-line.ts';
import { follow } from './follow.ts';
import { Progress } from './progress.ts';
import type { OperationView } from './state-style.ts';

/**
 * Waits until an operation has ended, and shows its steps to a person meanwhile.
 * @throws Failure `timeout` when it has not ended in time
 */
export function waitForOperation(
  session: Session,
  operationId: string,
  timeoutMs: number | undefined,
): Promise<OperationView> {
  const late = { what: `The operation ${operationId} has not ended`, next: `holdfast operation watch ${operationId}` };
  return within(session, timeoutMs, late, (api) => shown(session, api, operationId));
}

async function shown(session: Session, api: Api, operationId: string): Promise<OperationView> {
  const { err } = session.terminal;
  const isShown = session.output.mode === 'people';
  const live = new LiveLine(err);
  const progress = new Progress(live, err.paint);
  let ended: OperationView | undefined;
  try {
    if (isShown) live.show('waiting for a worker');
    for await (const heard of follow(api, operationId)) {
      if ('end' in heard) ended = heard.end;
      else if (isShown) progress.tell(heard.step);
    }
  } finally {
    live.stop();
  }
  if (!ended) throw new Error('a followed operation ends');
  return ended;
}
