import type { LiveLine } from '../terminal/live-line.ts';
import type { Paint } from '../terminal/paint.ts';
import { count, padEnd, padStart, printable, widthOf } from '../terminal/text.ts';
import { duration } from '../terminal/time.ts';
import type { HeardOfTree } from './follow-tree.ts';
import { tookOf } from './list.ts';
import type { OperationView } from './state-style.ts';

const TIME_WIDTH = 7;
/** A longer name moves only its own line. */
const MOST_NAME_WIDTH = 24;

/** Names of workspaces by their ids. */
export type Names = ReadonlyMap<string, string>;

/** Tells a request over a tree as it goes: a line that lives with the counts, and one that stays for each member. */
export class TreeProgress {
  private readonly live: LiveLine;
  private readonly paint: Paint;
  private readonly names: Names;
  private readonly since = Date.now();
  private readonly width: number;

  constructor(live: LiveLine, paint: Paint, names: Names) {
    this.live = live;
    this.paint = paint;
    this.names = names;
    this.width = Math.min(MOST_NAME_WIDTH, Math.max(8, ...[...names.values()].map(widthOf)));
  }

  tell(heard: HeardOfTree): void {
    if ('ended' in heard) return this.live.keep(this.memberLine(heard.ended));
    const { open, total } = heard;
    const [first] = open.filter(({ state }) => state === 'running');
    if (open.length === 0) return;
    const doing = first ? `: ${this.nameOf(first)} ${first.phase ?? first.kind}` : '';
    this.live.show(`${total - open.length} of ${count(total, 'workspace')} done${doing}`, this.since);
  }

  private memberLine(operation: OperationView): string {
    const { state, kind, failure } = operation;
    const good = state === 'succeeded';
    const mark = good ? this.paint('green', '✓') : this.paint('red', '✗');
    const took = this.paint('dim', padStart(tookOf(operation, Date.now()), TIME_WIDTH));
    const says = failure ? `${state}: ${printable(failure.text)}` : state;
    const name = padEnd(this.nameOf(operation), this.width);
    return `${mark} ${name} ${took}  ${kind} ${good ? this.paint('dim', says) : this.paint('red', says)}`;
  }

  private nameOf = ({ workspace_id: id }: OperationView): string => printable(this.names.get(id) ?? id);
}

/** "3 workspaces: 2 succeeded, 1 failed". */
export function tally(ended: readonly OperationView[]): string {
  const states = Map.groupBy(ended, ({ state }) => state);
  const parts = [...states].map(([state, those]) => `${those.length} ${state}`);
  return `${count(ended.length, 'workspace')}: ${parts.join(', ')}`;
}

/** When the whole request began and ended; undefined while something of it has not. */
export function tookTogether(ended: readonly OperationView[]): string | undefined {
  const from = Math.min(...ended.map(({ accepted_at: at }) => Date.parse(at)));
  const to = Math.max(...ended.map(({ ended_at: at }) => (at === null ? Number.NaN : Date.parse(at))));
  return Number.isNaN(to - from) ? undefined : duration(to - from);
}
