import { tookOf } from '../operation/list.ts';
import { cyclesOf } from '../operation/outcome.ts';
import { type OperationView, stateStyle } from '../operation/state-style.ts';
import type { Paint, Style } from '../terminal/paint.ts';
import { printable, wrapped } from '../terminal/text.ts';
import { clock } from '../terminal/time.ts';
import type { EventView, Happening } from './history.ts';

/** Where the text begins, behind the time and the mark. */
const INDENT = 21;

const marks: Readonly<Partial<Record<OperationView['state'], string>>> = {
  succeeded: '✓',
  failed: '✗',
  compensated: '↩',
  superseded: '⊘',
  coalesced: '⤳',
  cancelled: '⊘',
};

/** What happened, one after the other: when, what was asked for and what came of it, and why. */
export function historyLines(
  happenings: readonly Happening[],
  others: ReadonlyMap<string, OperationView>,
  paint: Paint,
  width: number | undefined,
): string[] {
  let day = '';
  return happenings.flatMap((happening) => {
    const { date, time } = clock(happening.at);
    const heading = date === day ? [] : [paint('bold', date)];
    day = date;
    const lines =
      'operation' in happening
        ? operationLines(happening.operation, others, paint)
        : [`  ${eventLine(happening.event, paint)}`];
    return [
      ...heading,
      ...lines.flatMap((line, at) => {
        const lead = at === 0 ? `${paint('dim', time)}  ` : ' '.repeat(INDENT - 7);
        return broken(line, (width ?? Number.POSITIVE_INFINITY) - (INDENT - 7)).map((part, piece) =>
          piece === 0 ? `${lead}${part}` : `${' '.repeat(INDENT - 7)}  ${part}`,
        );
      }),
    ];
  });
}

/** A line that is too long goes on below; one with colours is short enough. */
const broken = (line: string, columns: number): string[] =>
  line.includes('\u001B') ? [line] : wrapped(line.split(/(?<=\S) /), ' ', columns);

function operationLines(operation: OperationView, others: ReadonlyMap<string, OperationView>, paint: Paint): string[] {
  const { kind, state, actor, reason, failure, id } = operation;
  const style = stateStyle(state);
  const mark = marks[state] ?? '…';
  const head = [
    `${style ? paint(style, mark) : mark} ${paint('bold', kind)} ${style ? paint(style, state) : state}`,
    tookOf(operation, Date.now()),
    cyclesOf(operation),
    paint('dim', `by ${printable(actor)}`),
    paint('dim', id),
  ];
  return [
    head.filter((part) => part !== undefined && part !== '').join('  '),
    ...causesOf(operation, others).map((line) => `  ${line}`),
    ...(reason === null || reason === kind ? [] : [`  because: ${printable(reason)}`]),
    ...(failure
      ? [`  ${printable(failure.code)}: ${printable(failure.text)}`, `  try: ${printable(failure.next_step)}`]
      : []),
  ];
}

/** Why it ended without having done its work, and what it was part of. */
function causesOf(operation: OperationView, others: ReadonlyMap<string, OperationView>): string[] {
  const { superseded_by: by, coalesced_into: into, parent_id: parent, cancel_requested_at: cancelled } = operation;
  const named = (id: string): string => {
    const other = others.get(id);
    return other ? `the ${other.kind} ${id}, by ${printable(other.actor)}` : id;
  };
  return [
    by === null ? [] : `superseded by ${named(by)}`,
    into === null ? [] : `served by ${named(into)}`,
    parent === null
      ? []
      : `part of ${parent}${operation.tree_root === null ? '' : `, over the tree of ${operation.tree_root}`}`,
    cancelled === null ? [] : `a cancel was asked for at ${clock(cancelled).time}`,
  ].flat();
}

const styles: Readonly<Record<string, Style>> = {
  ONLINE: 'green',
  DEGRADED: 'yellow',
  OFFLINE: 'red',
  PROVISION_FAILED: 'red',
};

/** "online", "provision failed: …". */
function eventLine({ event_type: type, payload }: EventView, paint: Paint): string {
  const name = type.replace(/^WORKSPACE_/, '');
  const words = name.toLowerCase().replaceAll('_', ' ');
  const style = styles[name] ?? 'dim';
  const why = whyIn(payload);
  return `${paint(style, words)}${why === '' ? '' : `: ${printable(why)}`}`;
}

/** The words about its cause, where an event has some. */
function whyIn(payload: unknown): string {
  if (typeof payload !== 'object' || payload === null) return '';
  const { error, reason, sample_error: sample } = payload as Record<string, unknown>;
  return [error, reason, sample].find((text) => typeof text === 'string' && text !== '')?.toString() ?? '';
}
