import { intakeMatrix, requestableKinds, type RequestableKind } from '@holdfast/workflows/operation/matrix';
import { coalescedKinds, isBringUp, type OperationKind } from '@holdfast/workflows/operation/operation';
import { mayChange } from '@holdfast/workflows/workspace/lifecycle';
import type { WorkspaceStatus } from '@holdfast/workflows/workspace/status';
import type { Change } from '../audit.ts';
import type { Findings } from '../findings.ts';
import type { PropertyRecord } from '../record.ts';
import { changed, changesOf, isOpen, text, type Transaction, transactionsOf } from '../replay.ts';

const RULE = 'history is linear';

interface Known {
  readonly kind: OperationKind;
  state: string;
}

/** A workspace as its transactions have left it so far: the model that each next one is held against. */
interface Model {
  status: string | null;
  owner: string | null;
  /** In the order they were accepted. */
  readonly operations: Map<string, Known>;
}

/**
 * One order of the transactions explains everything: each request was answered as the matrix says in the state that the
 * ones before it had left, the owner changed hands only as the design says, each status by a row of the lifecycle.
 */
export function historyIsLinear({ audit }: PropertyRecord, findings: Findings): void {
  for (const transactions of transactionsOf(audit).values()) {
    const model: Model = { status: null, owner: null, operations: new Map() };
    for (const transaction of transactions) {
      const violates = (words: string): void =>
        findings.violates(RULE, `${words} (workspace ${transaction.workspaceId}, transaction ${transaction.tx})`);
      const owner = ownerAfter(transaction, model);
      judgeRequests(transaction, model, owner, violates);
      judgeStates(transaction, model, owner, violates);
      judgeOwner(transaction, model, owner, violates);
      judgeStatus(transaction, model, violates);
      model.owner = owner;
    }
  }
}

type Violates = (words: string) => void;

const openOwner = ({ owner, operations }: Model): Known | undefined => {
  const known = owner === null ? undefined : operations.get(owner);
  return known && isOpen(known.state) ? known : undefined;
};

function ownerAfter(transaction: Transaction, model: Model): string | null {
  const last = changesOf(transaction, 'workspaces').at(-1);
  return last ? text(last, 'operation_id') : model.owner;
}

const insertsOf = (transaction: Transaction): Change[] =>
  changesOf(transaction, 'operations').filter(({ before }) => before === null);

/** What the matrix says of a request, in the terms of what it leaves in the rows. */
function judgeRequests(transaction: Transaction, model: Model, owner: string | null, violates: Violates): void {
  for (const insert of insertsOf(transaction)) {
    const kind = text(insert, 'kind') as OperationKind;
    const before = openOwner(model);
    const did = insert.id === owner ? (before ? 'preempt' : 'run') : 'queue';
    // A create is no request of a workspace that exists; doing it again is.
    const requested = (requestableKinds as readonly string[]).includes(kind) ? (kind as RequestableKind) : 'restart';
    const wanted = model.status === null ? 'run' : intakeMatrix[before?.kind ?? 'none'][requested];
    // A purge that meets a delete past its point waits behind it.
    const isPurge = wanted === 'join' && kind === 'delete' && did === 'queue';
    if (did !== wanted && !isPurge) violates(`${kind} during ${before?.kind ?? 'nothing'} did ${did}, not ${wanted}`);
    if (did !== 'preempt') continue;
    const left = [...model.operations].filter(
      ([id, { state }]) => isOpen(state) && stateAfter(transaction, id) !== 'superseded',
    );
    for (const [id, { kind: other }] of left) violates(`${kind} left ${other} ${id} open that it preempted`);
  }
}

function stateAfter(transaction: Transaction, id: string): string | null {
  const change = changesOf(transaction, 'operations').findLast((each) => each.id === id);
  return change ? text(change, 'state') : null;
}

/** An operation begins only as the owner, ends once, and is served only by a bring-up that runs. */
function judgeStates(transaction: Transaction, model: Model, owner: string | null, violates: Violates): void {
  const ownerBefore = openOwner(model);
  for (const change of changesOf(transaction, 'operations')) {
    const known = model.operations.get(change.id) ?? { kind: text(change, 'kind') as OperationKind, state: 'none' };
    model.operations.set(change.id, known);
    const next = text(change, 'state') ?? 'none';
    if (known.state === next) continue;
    const say = `${known.kind} ${change.id} went from ${known.state} to ${next}`;
    if (known.state !== 'none' && !isOpen(known.state)) violates(`${say} after its end`);
    if (next === 'running' && owner !== change.id) violates(`${say} without owning the workspace`);
    if (next === 'coalesced' && known.state === 'accepted') {
      const serves = ownerBefore !== undefined && ownerBefore.state === 'running' && isBringUp(ownerBefore.kind);
      const may = (coalescedKinds as readonly string[]).includes(known.kind);
      if (!serves || !may) violates(`${say} by ${ownerBefore?.kind ?? 'nothing'}`);
    }
    known.state = next;
  }
}

/** The owner changes hands only when it has ended, to a request of the same transaction or the oldest that waits. */
function judgeOwner(transaction: Transaction, model: Model, owner: string | null, violates: Violates): void {
  if (owner === model.owner) return;
  const left = model.owner === null ? undefined : model.operations.get(model.owner);
  if (left && isOpen(left.state)) violates(`${left.kind} ${model.owner} lost the workspace without an end`);
  if (owner === null || insertsOf(transaction).some(({ id }) => id === owner)) return;
  const oldest = [...model.operations].find(([, { state }]) => state === 'accepted')?.[0];
  if (oldest !== owner) violates(`operation ${owner} was promoted before ${oldest ?? 'anything was accepted'}`);
}

function judgeStatus(transaction: Transaction, model: Model, violates: Violates): void {
  for (const change of changesOf(transaction, 'workspaces')) {
    const status = text(change, 'status');
    const from = model.status;
    model.status = status;
    if (from === status || !changed(change, 'status') || from === null) continue;
    const mayGo = status === null ? from === 'removed' : mayChange(from as WorkspaceStatus, status as WorkspaceStatus);
    if (!mayGo) violates(`the status went from ${from} to ${status ?? 'nothing'}, which no row of the lifecycle says`);
  }
}
