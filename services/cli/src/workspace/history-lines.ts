import { tookOf } from '../operation/list.ts';
import { cyclesOf } from '../operation/outcome.ts';
import { reasonOf } from '../operation/reason.ts';
import { type OperationView, stateStyle } from '../operation/state-style.ts';
import type { Paint, Style } from '../terminal/paint.ts';
import { printable, wrapped } from '../terminal/text.ts';
import { clock } from '../terminal/time.ts';
import type { EventView, Happening } from './happening.ts';

/** What stands on a line. Too long, it goes on below, broken between its parts. */
interface Line {
  readonly parts: readonly string[];
  readonly between: string;
}

/** Behind the time; what explains a line stands further in. */
const INDENT = 10;
const EXPLAINS = 4;

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
  width = Number.POSITIVE_INFINITY,
): string[] {
  let day = '';
  return happenings.flatMap((happening) => {
    const { date, time } = clock(happening.at);
    const heading = date === day ? [] : [paint('bold', date)];
    day = date;
    const [head, ...reasons] =
      'operation' in happening
        ? operationLines(happening.operation, others, paint)
        : [eventLine(happening.event, paint)];
    const room = width - INDENT - EXPLAINS;
    return [
      ...heading,
      ...laid(head, room).map((line, at) =>
        at === 0 ? paint('dim', time.padEnd(INDENT)) + line : ' '.repeat(INDENT + EXPLAINS) + line,
      ),
      ...reasons.flatMap((reason) => laid(reason, room)).map((line) => ' '.repeat(INDENT + EXPLAINS) + line),
    ];
  });
}

const laid = (line: Line | undefined, room: number): string[] => (line ? wrapped(line.parts, line.between, room) : []);

const sentence = (text: string): Line => ({ parts: text.split(' '), between: ' ' });

function operationLines(operation: OperationView, others: ReadonlyMap<string, OperationView>, paint: Paint): Line[] {
  const { kind, state, actor, failure, id } = operation;
  const style = stateStyle(state);
  const mark = marks[state] ?? '…';
  const reason = reasonOf(operation);
  const head = [
    `${style ? paint(style, mark) : mark} ${paint('bold', kind)} ${style ? paint(style, state) : state}`,
    tookOf(operation, Date.now()),
    cyclesOf(operation) ?? '',
    `by ${printable(actor)}`,
    paint('dim', id),
  ];
  return [
    { parts: head.filter((part) => part !== ''), between: '  ' },
    ...causesOf(operation, others).map(sentence),
    ...(reason === undefined ? [] : [sentence(`because: ${reason}`)]),
    ...(failure
      ? [
          sentence(`${printable(failure.code)}: ${printable(failure.text)}`),
          sentence(`try: ${printable(failure.next_step)}`),
        ]
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
  const tree = operation.tree_root === null ? '' : `, over the tree of ${operation.tree_root}`;
  return [
    by === null ? [] : `superseded by ${named(by)}`,
    into === null ? [] : `served by ${named(into)}`,
    parent === null ? [] : `part of ${parent}${tree}`,
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
function eventLine({ event_type: type, payload }: EventView, paint: Paint): Line {
  const name = type.replace(/^WORKSPACE_/, '');
  const words = paint(styles[name] ?? 'dim', name.toLowerCase().replaceAll('_', ' '));
  const why = whyIn(payload);
  return {
    parts: ['  ' + words + (why === '' ? '' : ':'), ...(why === '' ? [] : printable(why).split(' '))],
    between: ' ',
  };
}

/** The words about its cause, where an event has some. */
function whyIn(payload: unknown): string {
  if (typeof payload !== 'object' || payload === null) return '';
  const {
    error,
    reason,
    sample_error: sample,
    provider_from: from,
    provider_to: to,
  } = payload as Record<string, unknown>;
  if (typeof from === 'string' && typeof to === 'string') return `${from} → ${to}`;
  return [error, reason, sample].find((text) => typeof text === 'string' && text !== '')?.toString() ?? '';
}
