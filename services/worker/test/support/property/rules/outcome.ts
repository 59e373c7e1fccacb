import { isBringUp } from '@holdfast/workflows/operation/operation';
import type { Findings } from '../findings.ts';
import { isHeldUp } from '../held-up.ts';
import type { OperationFact, PropertyRecord, WorkspaceFact } from '../record.ts';

/** Every accepted operation ends, and what callers were told was accepted is there. */
export function everyOperationEnds({ operations, told }: PropertyRecord, findings: Findings): void {
  for (const { id, kind, state } of operations) {
    if (state === 'accepted' || state === 'running')
      findings.violates('every operation ends', `${kind} ${id} is ${state}`);
  }
  const known = new Set(operations.map(({ id }) => id));
  for (const id of told) {
    if (!known.has(id))
      findings.violates('no accepted request is lost', `operation ${id} was answered and is not there`);
  }
}

/** The requests in the order of their acceptance explain the status of each workspace: the last that counts decides. */
export function lastRequestDecides({ operations, workspaces, boxes }: PropertyRecord, findings: Findings): void {
  const byId = new Map(operations.map((operation) => [operation.id, operation]));
  for (const workspace of workspaces) {
    const { id, status } = workspace;
    const last = operations.filter((operation) => operation.workspaceId === id && counts(operation)).at(-1);
    if (!last) continue;
    const end = endOf(last, byId);
    const wanted = [...statusesAfter(last, end), ...(keptItsBox(workspace, end, boxes) ? ['online'] : [])];
    if (!wanted.includes(status) && !isHeldUp(workspace, workspaces)) {
      const words = `${last.kind} ${last.id} ended as ${end.state} ${end.failureCode ?? ''}`;
      findings.violates('the last request decides', `workspace ${id} is ${status}, and its ${words}`);
    }
  }
}

/** What was superseded, or cancelled while it waited, has left no trace. */
const counts = ({ state, hasOwned }: OperationFact): boolean =>
  state !== 'superseded' && (state !== 'cancelled' || hasOwned);

function endOf(operation: OperationFact, byId: ReadonlyMap<string, OperationFact>): OperationFact {
  let end = operation;
  for (let links = 0; end.state === 'coalesced' && links <= byId.size; links += 1) {
    end = byId.get(end.coalescedInto ?? '') ?? { ...end, state: 'failed' };
  }
  return end;
}

function statusesAfter(operation: OperationFact, end: OperationFact): readonly string[] {
  const isLost = end.failureCode === 'EXECUTION_LOST';
  if (operation.kind === 'delete') return ['removed'];
  if (operation.kind === 'pause') return ['paused'];
  if (operation.kind === 'hibernate') {
    if (end.state === 'succeeded') return ['hibernated'];
    // Its own box was not stopped: as before. That was, and an older one is owed: it goes on falling asleep.
    return isLost ? ['failed'] : ['hibernating', ...(operation.priorStatus === null ? [] : [operation.priorStatus])];
  }
  if (operation.kind === 'switch' && end.state !== 'succeeded') return afterNoSwitch(operation);
  if (!isBringUp(operation.kind)) throw new Error(`nobody said what ${operation.kind} comes to`);
  if (end.state === 'succeeded') return ['online'];
  // The box of a late agent was left: its register still counts.
  return end.failureCode === 'AGENT_TIMEOUT' ? ['failed', 'online'] : ['failed'];
}

/** A bring-up that failed before it came to stop the box from before it left that alone: its agent's next word counts. */
function keptItsBox(workspace: WorkspaceFact, end: OperationFact, boxes: PropertyRecord['boxes']): boolean {
  if (!isBringUp(end.kind) || end.state === 'succeeded') return false;
  const box = boxes.find(({ id }) => id === workspace.boxId);
  return box !== undefined && box.state === 'running' && box.operationId !== end.id;
}

/** As before, where that needed no new box; else brought up again in the old cloud, or not even that. */
const afterNoSwitch = ({ priorStatus }: OperationFact): readonly string[] => [
  'online',
  'failed',
  ...(priorStatus === null ? [] : [priorStatus]),
];
