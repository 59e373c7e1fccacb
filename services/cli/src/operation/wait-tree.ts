import type { Api } from '../api/api.ts';
import { within } from '../command/deadline.ts';
import type { Session } from '../command/session.ts';
import { Failure } from '../failure/failure.ts';
import type { Channel } from '../terminal/terminal.ts';
import { LiveLine } from '../terminal/live-line.ts';
import { followTree, type HeardOfTree } from './follow-tree.ts';
import { outcomeFailure } from './outcome.ts';
import type { OperationView } from './state-style.ts';
import { type Names, tally, TreeProgress } from './tree-progress.ts';

export interface TreeRequest {
  /** What its members name as their parent; the operation of the root where that has one. */
  readonly treeId: string;
  /** Operations its answer named. */
  readonly others?: readonly string[];
  readonly names: Names;
}

/**
 * Waits until every member of a request over a tree has ended, and shows them to a person meanwhile.
 * @param heard hears everything as well
 * @throws Failure `timeout` when they have not ended in time
 */
export function waitForTree(
  session: Session,
  { treeId, others, names }: TreeRequest,
  timeoutMs: number | undefined,
  channel: Channel,
  heard: (what: HeardOfTree) => void = () => undefined,
): Promise<OperationView[]> {
  const late = { what: `The request ${treeId} has not ended`, next: `holdfast operation watch ${treeId}` };
  const work = async (api: Api): Promise<OperationView[]> => {
    const live = new LiveLine(channel);
    const progress = new TreeProgress(live, channel.paint, names);
    const ended: OperationView[] = [];
    try {
      for await (const what of followTree(api, treeId, others)) {
        if ('ended' in what) ended.push(what.ended);
        if (session.output.mode === 'people') progress.tell(what);
        heard(what);
      }
    } finally {
      live.stop();
    }
    return ended;
  };
  return within(session, timeoutMs, late, work);
}

/** The failure of a request whose members ended otherwise than well; null when all of them ended well. */
export function treeFailure(treeId: string, ended: readonly OperationView[]): Failure | null {
  const failures = ended.map(outcomeFailure).filter((failure) => failure !== null);
  const [first] = failures;
  if (!first) return null;
  if (ended.length === 1) return first;
  const sentence = `${tally(ended)}. The first: ${first.message}`;
  return new Failure(first.exit, sentence, {
    ...first.detail,
    body: { ...first.body, error: sentence, tree_id: treeId },
  });
}
