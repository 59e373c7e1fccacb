import type { Change } from '../audit.ts';
import type { Findings } from '../findings.ts';
import type { PropertyRecord } from '../record.ts';
import { changed, changesOf, text, type Transaction, transactionsOf } from '../replay.ts';

const RULE = 'a status and its event go together';

/** The event that tells of a status. */
const eventOf: Readonly<Record<string, string>> = {
  provisioning: 'WORKSPACE_PROVISIONING',
  online: 'WORKSPACE_ONLINE',
  degraded: 'WORKSPACE_DEGRADED',
  offline: 'WORKSPACE_OFFLINE',
  failed: 'WORKSPACE_PROVISION_FAILED',
  paused: 'WORKSPACE_PAUSED',
  hibernated: 'WORKSPACE_HIBERNATED',
  awaiting_agent: 'WORKSPACE_AWAITING_AGENT',
  removed: 'WORKSPACE_REMOVED',
};
const statusOf = new Map(Object.entries(eventOf).map(([status, event]) => [event, status]));
/** Told again for a status that stays: a box is brought up anew, an agent registers anew. */
const repeatable = ['provisioning', 'online'];

/** No status changes without its event, no event is without its write or there twice; their numbers have no gap. */
export function eventsGoWithWrites({ audit }: PropertyRecord, findings: Findings): void {
  for (const [workspaceId, transactions] of transactionsOf(audit)) {
    let seq = 0;
    for (const transaction of transactions) {
      const violates = (words: string): void =>
        findings.violates(RULE, `${words} (workspace ${workspaceId}, transaction ${transaction.tx})`);
      const events = changesOf(transaction, 'structure_events').filter(({ before }) => before === null);
      for (const event of events) {
        seq += 1;
        if (Number(text(event, 'seq')) !== seq) violates(`event ${text(event, 'seq')} came where ${seq} was due`);
      }
      judge(transaction, events, violates);
    }
  }
}

function judge(transaction: Transaction, events: readonly Change[], violates: (words: string) => void): void {
  const rows = changesOf(transaction, 'workspaces');
  const types = events.map((event) => text(event, 'event_type') ?? '');
  const written = rows
    .filter((row) => row.after !== null && changed(row, 'status') && needsEvent(row))
    .map((row) => text(row, 'status') ?? '');
  for (const status of new Set(written)) {
    const wanted = written.filter((each) => each === status).length;
    const told = types.filter((type) => type === eventOf[status]).length;
    if (told !== wanted) violates(`the status became ${status} ${wanted} times and was told ${told} times`);
  }
  for (const type of types) {
    const status = statusOf.get(type);
    if (status === undefined || written.includes(status)) continue;
    if (!repeatable.includes(status)) violates(`${type} was told and nothing became ${status}`);
    else if (!rows.some((row) => text(row, 'status') === status)) violates(`${type} was told and nothing was written`);
    else if (status === 'provisioning' && !isBegun(transaction)) violates(`${type} was told and nothing was begun`);
  }
  const repeated = types.filter((type, at) => statusOf.has(type) && types.indexOf(type) !== at);
  if (repeated.length > 0) violates(`${repeated.join()} was told twice`);
}

/** Going back from a claim that did nothing is told to nobody, and neither is the claim. */
const needsEvent = ({ before, after }: Change): boolean =>
  after?.['status'] !== 'hibernating' &&
  !(before?.['status'] === 'hibernating' && ['online', 'degraded'].includes(String(after?.['status'])));

/** Something of a bring-up was written: its request, its promotion, a cycle of it, or what it does to boxes. */
const isBegun = (transaction: Transaction): boolean =>
  changesOf(transaction, 'boxes').length > 0 ||
  changesOf(transaction, 'operations').some((change) => changed(change, 'cycle') || change.before === null) ||
  changesOf(transaction, 'workspaces').some((change) => changed(change, 'operation_id'));
