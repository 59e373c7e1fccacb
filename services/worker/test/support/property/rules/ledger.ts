import type { Change } from '../audit.ts';
import type { Findings } from '../findings.ts';
import type { PropertyRecord } from '../record.ts';

const RULE = 'ledger is reality';
const mayRun = (state: unknown): boolean => state === 'creating' || state === 'running';

/** At any instant a workspace has at most one box that may run, and whatever is really there is on the ledger. */
export function ledgerAtAnyInstant({ audit, log }: PropertyRecord, findings: Findings): void {
  const changes = audit.filter(({ table }) => table === 'boxes');
  const live = new Map<string, Set<string>>();
  for (const { workspaceId, id, after } of changes) {
    const boxes = live.get(workspaceId) ?? new Set<string>();
    live.set(workspaceId, boxes);
    if (mayRun(after?.['state'])) boxes.add(id);
    else boxes.delete(id);
    if (boxes.size > 1) findings.violates(RULE, `workspace ${workspaceId} has ${boxes.size} boxes that may run`);
  }
  const rows = new Map<string, Change[]>();
  for (const change of changes) rows.set(change.id, [...(rows.get(change.id) ?? []), change]);
  for (const line of log) {
    if (line.what !== 'made') continue;
    const history = rows.get(line.boxId) ?? [];
    if (!history.some(({ at, before }) => before === null && at <= line.at)) {
      findings.violates(RULE, `box ${line.boxId} was made before it was on the ledger`);
    }
    const removed = log.find((other) => other.what === 'removed' && other.boxId === line.boxId && other.at >= line.at);
    judgeGone(line.boxId, { from: line.at, until: removed?.at ?? Infinity }, history, findings);
  }
}

/** A box that is there while the ledger says it is gone has nobody who stops it. */
function judgeGone(
  boxId: string,
  there: { from: number; until: number },
  history: readonly Change[],
  findings: Findings,
): void {
  history.forEach((change, at) => {
    if (change.after?.['state'] !== 'gone' || change.before?.['state'] === 'gone') return;
    const next = history[at + 1];
    const until = next?.at ?? Infinity;
    if (there.from >= until || there.until <= change.at) return;
    if (next?.after?.['state'] === 'owed') return findings.excuse('foundAgain');
    findings.violates(RULE, `box ${boxId} was there while the ledger said it was gone`);
  });
}

/** Boxes that nobody will ever stop, or that somebody counts on and are not there. Any of them is a leak. */
export function leaksOf({ boxes, real }: PropertyRecord): string[] {
  const ledger = new Set(boxes.filter(({ state }) => state !== 'gone').map(({ id }) => id));
  const there = new Set(real.map(({ boxId }) => boxId));
  return [
    ...[...there].filter((id) => !ledger.has(id)).map((id) => `box ${id} is there and not on the ledger`),
    ...[...ledger].filter((id) => !there.has(id)).map((id) => `box ${id} is on the ledger and not there`),
  ];
}

const withoutBox = ['paused', 'hibernated', 'removed'];

/** Once nothing moves, ledger, boxes and rows say the same. */
export function ledgerInTheEnd(record: PropertyRecord, findings: Findings): void {
  const { boxes, workspaces } = record;
  for (const leak of leaksOf(record)) findings.violates(RULE, leak);
  for (const { id, state } of boxes) {
    if (state !== 'gone' && state !== 'running') findings.violates(RULE, `box ${id} is ${state} and nobody is at it`);
  }
  for (const { id, status, boxId, operationId } of workspaces) {
    const running = boxes.filter((box) => box.workspaceId === id && box.state === 'running');
    const [box] = running;
    if (withoutBox.includes(status) && box)
      findings.violates(RULE, `workspace ${id} is ${status} and box ${box.id} runs`);
    if (status === 'online' && !box?.isRegistered)
      findings.violates(RULE, `workspace ${id} is online without an agent`);
    if (boxId !== (box?.id ?? null))
      findings.violates(RULE, `workspace ${id} names box ${boxId}, and ${box?.id ?? 'none'} runs`);
    if (operationId !== null) findings.violates(RULE, `workspace ${id} is still owned by operation ${operationId}`);
  }
  const known = new Set(workspaces.map(({ id }) => id));
  for (const { id, workspaceId, state } of boxes) {
    if (state !== 'gone' && !known.has(workspaceId)) findings.violates(RULE, `box ${id} has outlived its workspace`);
  }
}
