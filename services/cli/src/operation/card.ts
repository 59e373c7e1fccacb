import { fields } from '../terminal/fields.ts';
import type { Paint } from '../terminal/paint.ts';
import { printable } from '../terminal/text.ts';
import { age } from '../terminal/time.ts';
import { tookOf } from './list.ts';
import { cyclesOf } from './outcome.ts';
import { type OperationView, stateStyle } from './state-style.ts';

/** One operation, a line for each thing worth knowing. */
export function operationCard(operation: OperationView, paint: Paint, now = Date.now()): string[] {
  const { state, kind, failure } = operation;
  const style = stateStyle(state);
  return fields(
    [
      ['operation', operation.id],
      ['kind', paint('bold', kind)],
      ['state', style ? paint(style, state) : printable(state)],
      ['phase', operation.ended_at === null ? (operation.phase ?? undefined) : undefined],
      ['workspace', operation.workspace_id],
      [
        'asked for',
        `${age(operation.accepted_at, now)} ago by ${printable(operation.actor)}${operation.reason === null ? '' : ` (${printable(operation.reason)})`}`,
      ],
      ['took', tookOf(operation, now)],
      ['cycles', cyclesOf(operation)],
      ['failure', failure ? paint('red', `${printable(failure.code)}: ${printable(failure.text)}`) : undefined],
      ['try', failure ? paint('cyan', printable(failure.next_step)) : undefined],
      ['superseded by', operation.superseded_by ?? undefined],
      ['merged into', operation.coalesced_into ?? undefined],
      ['temporal', `${operation.workflow_id}${operation.run_id === null ? '' : `  run ${operation.run_id}`}`],
    ],
    paint,
  );
}
