import type { AuditedTable, Change, Columns } from './audit.ts';
import type { BoxFact, OperationFact, PropertyRecord, WorkspaceFact } from './record.ts';
import type { LogLine, StepBegin } from './step-log.ts';

interface Facts {
  operations: OperationFact;
  workspaces: WorkspaceFact;
  boxes: BoxFact;
}

/** A record that can be spoilt. */
export interface Draft extends PropertyRecord {
  audit: Change[];
  log: LogLine[];
  readonly real: { boxId: string; provider?: string }[];
  readonly told: string[];
  readonly progress: { operationId: string; step: string; cycle: number; state: string; at: number }[];
  readonly terminated: Set<string>;
  /** Changes how a row stands in the end. */
  change<T extends keyof Facts>(table: T, id: string, fields: Partial<Facts[T]>): void;
  /** Adds a change of a row, in a transaction of its own at that time. */
  add(table: AuditedTable, id: string, at: number, before: Columns | null, after: Columns): void;
  /** Changes what a change came to, wherever it came to that. */
  amend(table: AuditedTable, id: string, where: Columns, fields: Columns): void;
  dropAudit(which: (change: Change) => boolean): void;
  dropLine(which: (line: LogLine) => boolean): void;
  move(which: (line: LogLine) => boolean, at: number): void;
  /** Lets a step end later. */
  stretch(call: string, operationId: string, end: number): void;
  /** Another attempt of a step, while the one before still runs. */
  retry(call: string, operationId: string, at: number): void;
  /** The box is there after all, and on the ledger. */
  bringBack(boxId: string): void;
}

/**
 * A short life: a provision; a restart, which serves another that waited and is itself preempted by nothing; one more
 * restart, preempted by the pause that ends it. Times are small numbers.
 */
export function aRecord(): Draft {
  const audit: Change[] = [];
  const last = new Map<string, Columns>();
  const write = (at: number, table: AuditedTable, id: string, fields: Columns): void => {
    const before = last.get(`${table}/${id}`) ?? null;
    const after = { ...before, ...fields };
    last.set(`${table}/${id}`, after);
    audit.push({ n: audit.length + 1, at, tx: String(at), table, workspaceId: 'w', id, before, after });
  };
  const workspace = (at: number, fields: Columns) => write(at, 'workspaces', 'w', { ...fields, updated_at: at });
  const operation = (at: number, id: string, fields: Columns) => write(at, 'operations', id, fields);
  const box = (at: number, id: string, fields: Columns) => write(at, 'boxes', id, fields);
  const event = (at: number, seq: number, type: string) =>
    write(at, 'structure_events', `event:${seq}`, { event_type: type, seq });
  const accepted = (at: number, id: string, kind: string) =>
    operation(at, id, { kind, state: 'accepted', run_id: null, cycle: 0 });
  const begins = (at: number, id: string) => operation(at, id, { state: 'running', run_id: `run:${id}` });

  workspace(1, { status: 'provisioning', operation_id: null, box_id: null });
  event(1, 1, 'WORKSPACE_PROVISIONING');
  accepted(1, 'provision', 'provision');
  workspace(1, { operation_id: 'provision' });
  begins(2, 'provision');
  operation(3, 'provision', { cycle: 1 });
  box(10, 'first', { state: 'creating', operation_id: 'provision', cycle: 1, registered_at: null });
  workspace(10, { box_id: 'first' });
  box(16, 'first', { state: 'running' });
  workspace(18, { status: 'online' });
  event(18, 2, 'WORKSPACE_ONLINE');
  box(18, 'first', { registered_at: 18 });
  operation(20, 'provision', { state: 'succeeded' });
  workspace(20, { operation_id: null });

  accepted(28, 'restart', 'restart');
  workspace(28, { operation_id: 'restart', status: 'provisioning' });
  event(28, 3, 'WORKSPACE_PROVISIONING');
  begins(29, 'restart');
  accepted(29.5, 'queued', 'restart');
  operation(30, 'restart', { cycle: 1 });
  operation(30, 'queued', { state: 'coalesced', coalesced_into: 'restart', coalesced_cycle: 1 });
  box(32, 'first', { state: 'stopping' });
  workspace(32, { box_id: null });
  box(34, 'first', { state: 'gone' });
  box(36, 'second', { state: 'creating', operation_id: 'restart', cycle: 1, registered_at: null });
  workspace(36, { box_id: 'second' });
  box(39, 'second', { state: 'running' });
  workspace(40, { status: 'online' });
  event(40, 4, 'WORKSPACE_ONLINE');
  box(40, 'second', { registered_at: 40 });
  operation(42, 'restart', { state: 'succeeded' });
  workspace(42, { operation_id: null });

  accepted(46, 'late', 'restart');
  workspace(46, { operation_id: 'late', status: 'provisioning' });
  event(46, 5, 'WORKSPACE_PROVISIONING');
  begins(47, 'late');
  accepted(50, 'pause', 'pause');
  workspace(50, { operation_id: 'pause', status: 'paused' });
  operation(50, 'late', { state: 'superseded', superseded_by: 'pause' });
  event(50, 6, 'WORKSPACE_PAUSED');
  begins(51, 'pause');
  box(52, 'second', { state: 'stopping' });
  workspace(52, { box_id: null });
  box(55, 'second', { state: 'gone' });
  operation(56, 'pause', { state: 'succeeded' });
  workspace(56, { operation_id: null });

  const fact = (id: string, seq: number, fields: Partial<OperationFact>): OperationFact => ({
    id,
    seq,
    workspaceId: 'w',
    kind: 'restart',
    state: 'succeeded',
    priorStatus: null,
    failureCode: null,
    coalescedInto: null,
    cycle: 1,
    runId: `run:${id}`,
    acceptedAt: audit.find((change) => change.id === id)!.at,
    hasOwned: true,
    ...fields,
  });
  const gone = (id: string, operationId: string): BoxFact => ({
    id,
    workspaceId: 'w',
    operationId,
    cycle: 1,
    state: 'gone',
    isRegistered: true,
    provider: null,
  });
  const rows: { [T in keyof Facts]: Facts[T][] } = {
    operations: [
      fact('provision', 1, { kind: 'provision' }),
      fact('restart', 2, {}),
      fact('queued', 3, { state: 'coalesced', coalescedInto: 'restart', cycle: 0, runId: null, hasOwned: false }),
      fact('late', 4, { state: 'superseded' }),
      fact('pause', 5, { kind: 'pause', cycle: 0 }),
    ],
    workspaces: [{ id: 'w', parentId: null, status: 'paused', operationId: null, boxId: null, provider: 'aws' }],
    boxes: [gone('first', 'provision'), gone('second', 'restart')],
  };
  const log: LogLine[] = [
    ...step('prepareBox', 'provision', 5, 6),
    ...step('startBox', 'provision', 12, 16),
    { what: 'made', boxId: 'first', workspaceId: 'w', at: 13 },
    ...step('prepareBox', 'restart', 31, 31.5),
    ...step('settleBoxes', 'restart', 33, 35),
    { what: 'removed', boxId: 'first', workspaceId: 'w', at: 33.5 },
    ...step('startBox', 'restart', 37, 39),
    { what: 'made', boxId: 'second', workspaceId: 'w', at: 38 },
    ...step('settleBoxes', 'pause', 53, 55),
    { what: 'removed', boxId: 'second', workspaceId: 'w', at: 54 },
  ];
  const draft: Draft = {
    audit,
    log,
    ...rows,
    progress: [{ operationId: 'late', step: 'begin', cycle: 0, state: 'done', at: 47 }],
    real: [],
    told: ['provision', 'restart', 'queued', 'late', 'pause'],
    terminated: new Set(),
    change(table, id, fields) {
      Object.assign(
        rows[table].find((row) => row.id === id)!,
        fields,
      );
    },
    add(table, id, at, before, after) {
      draft.audit.push({ n: draft.audit.length + 1, at, tx: String(at), table, workspaceId: 'w', id, before, after });
    },
    amend(table, id, where, fields) {
      const [[name, value]] = Object.entries(where) as [[string, string]];
      draft.audit = draft.audit.map((change) =>
        change.table === table && change.id === id && change.after?.[name] === value
          ? { ...change, after: { ...change.after, ...fields } }
          : change,
      );
    },
    dropAudit(which) {
      draft.audit = draft.audit.filter((change) => !which(change));
    },
    dropLine(which) {
      draft.log = draft.log.filter((line) => !which(line));
    },
    move(which, at) {
      draft.log = draft.log.map((line) => (which(line) ? { ...line, at } : line)).sort((a, b) => a.at - b.at);
    },
    stretch(call, operationId, end) {
      draft.move((line) => line.what === 'end' && line.attemptId === `${operationId}/${call}`, end);
    },
    retry(call, operationId, at) {
      const [begin, end] = step(call as StepBegin['call'], operationId, at, at + 1, 2);
      draft.log.push(begin!, end!);
      draft.log.sort((a, b) => a.at - b.at);
    },
    bringBack(boxId) {
      draft.change('boxes', boxId, { state: 'running' });
      draft.real.push({ boxId });
    },
  };
  return draft;
}

function step(call: StepBegin['call'], operationId: string, at: number, end: number, attempt = 1): LogLine[] {
  const attemptId = attempt === 1 ? `${operationId}/${call}` : `${operationId}/${call}/${attempt}`;
  const run = { workspaceId: 'w', operationId, runId: `run:${operationId}`, cycle: 1, host: 'h' };
  return [
    { what: 'begin', attemptId, at, pid: 1, call, ...run, activityId: call, attempt },
    { what: 'end', attemptId, at: end, failed: false },
  ];
}
