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
  const switches = new Set(
    audit.flatMap(({ table, id, after }) => (table === 'operations' && after?.['kind'] === 'switch' ? [id] : [])),
  );
  const isQuiet = (row: Change): boolean => isOfClaim(row) || isOfSwitch(row, switches);
  for (const [workspaceId, transactions] of transactionsOf(audit)) {
    let seq = 0;
    for (const transaction of transactions) {
      const violates = (words: string): void =>
        findings.violates(RULE, `${words} (workspace ${workspaceId}, transaction ${transaction.tx})`);
      // What is written down for the audit alone has no number, and no listener.
      const events = changesOf(transaction, 'structure_events').filter(
        ({ before, after }) => before === null && after?.['seq'] !== null,
      );
      for (const event of events) {
        seq += 1;
        if (Number(text(event, 'seq')) !== seq) violates(`event ${text(event, 'seq')} came where ${seq} was due`);
      }
      judge(transaction, events, { violates, isQuiet });
    }
  }
}

interface Judge {
  readonly violates: (words: string) => void;
  /** Whether nobody has to be told of the change of a status. */
  readonly isQuiet: (row: Change) => boolean;
}

function judge(transaction: Transaction, events: readonly Change[], { violates, isQuiet }: Judge): void {
  const rows = changesOf(transaction, 'workspaces');
  const types = events.map((event) => text(event, 'event_type') ?? '');
  const became = rows.filter((row) => row.after !== null && changed(row, 'status'));
  const statusesOf = (of: readonly Change[]): string[] => of.map((row) => text(row, 'status') ?? '');
  const hasRegistered = changesOf(transaction, 'boxes').some((box) => changed(box, 'registered_at'));
  const written = statusesOf(became.filter((row) => hasRegistered || !isQuiet(row)));
  for (const status of new Set(written)) {
    const wanted = written.filter((each) => each === status).length;
    const told = types.filter((type) => type === eventOf[status]).length;
    if (told !== wanted) violates(`the status became ${status} ${wanted} times and was told ${told} times`);
  }
  for (const type of types) {
    const status = statusOf.get(type);
    if (status === undefined || statusesOf(became).includes(status)) continue;
    if (!repeatable.includes(status)) violates(`${type} was told and nothing became ${status}`);
    else if (!rows.some((row) => text(row, 'status') === status)) violates(`${type} was told and nothing was written`);
    else if (status === 'provisioning' && !isBegun(transaction)) violates(`${type} was told and nothing was begun`);
  }
  const repeated = types.filter((type, at) => statusOf.has(type) && types.indexOf(type) !== at);
  if (repeated.length > 0) violates(`${repeated.join()} was told twice`);
}

/** Going back from a claim that did nothing is told to nobody, and neither is the claim. */
const isOfClaim = ({ before, after }: Change): boolean =>
  after?.['status'] === 'hibernating' ||
  (before?.['status'] === 'hibernating' && ['online', 'degraded'].includes(String(after?.['status'])));

/** A switch tells of its clouds when it writes them: not of its claim, and not of going back to how things were. */
const isOfSwitch = ({ before, after }: Change, switches: ReadonlySet<string>): boolean =>
  switches.has(String(after?.['operation_id'])) &&
  (after?.['status'] === 'provisioning' || before?.['status'] === 'provisioning');

/** Something of a bring-up was written: its request, its promotion, a cycle of it, its cloud, or what it does to boxes. */
const isBegun = (transaction: Transaction): boolean =>
  changesOf(transaction, 'boxes').length > 0 ||
  changesOf(transaction, 'operations').some((change) => changed(change, 'cycle') || change.before === null) ||
  changesOf(transaction, 'workspaces').some((change) => changed(change, 'operation_id') || changed(change, 'compute'));
