import { facts } from '../terminal/facts.ts';
import { fields } from '../terminal/fields.ts';
import type { Paint } from '../terminal/paint.ts';
import { printable } from '../terminal/text.ts';
import { age } from '../terminal/time.ts';
import { tookOf } from './list.ts';
import { cyclesOf } from './outcome.ts';
import { reasonOf } from './reason.ts';
import { type OperationView, stateStyle } from './state-style.ts';

/** One operation, a line for each thing worth knowing. */
export function operationCard(operation: OperationView, paint: Paint, now = Date.now()): string[] {
  const { state, kind, failure } = operation;
  const style = stateStyle(state);
  const reason = reasonOf(operation);
  return fields(
    [
      ['operation', operation.id],
      ['kind', paint('bold', kind)],
      ['state', style ? paint(style, state) : printable(state)],
      ['phase', operation.ended_at === null ? (operation.phase ?? undefined) : undefined],
      ['workspace', operation.workspace_id],
      ['was before', operation.prior_status ?? undefined],
      [
        'asked for',
        `${age(operation.accepted_at, now)} ago by ${printable(operation.actor)}${reason === undefined ? '' : ` (${reason})`}`,
      ],
      ['part of', operation.parent_id === null ? undefined : `${operation.parent_id}${treeOf(operation)}`],
      ['members', operation.parent_id === null && operation.tree_root !== null ? treeHint(operation) : undefined],
      ['took', tookOf(operation, now)],
      ['cycles', cyclesOf(operation)],
      ['asks for', facts(operation.cycle_request)],
      ['last session', operation.restart_context === null ? undefined : facts(operation.restart_context)],
      ['cancel', cancelOf(operation, now)],
      ['failure', failure ? paint('red', `${printable(failure.code)}: ${printable(failure.text)}`) : undefined],
      ['try', failure ? paint('cyan', printable(failure.next_step)) : undefined],
      ['superseded by', operation.superseded_by ?? undefined],
      ['merged into', operation.coalesced_into ?? undefined],
      ['temporal', `${operation.workflow_id}${operation.run_id === null ? '' : `  run ${operation.run_id}`}`],
    ],
    paint,
  );
}

const treeOf = ({ tree_root: root }: OperationView): string => (root === null ? '' : `  over the tree of ${root}`);

const treeHint = ({ id }: OperationView): string => `holdfast operation list --parent ${id}`;

const cancelOf = ({ cancel_requested_at: at, ended_at: ended }: OperationView, now: number): string | undefined =>
  at === null
    ? undefined
    : `asked for ${age(at, now)} ago${ended === null ? '; it ends as soon as its step lets go' : ''}`;
