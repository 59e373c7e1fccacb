import { type HostSweep, mostFindings, type SweepOrder } from '@holdfast/workflows/loop/sweep';
import type { Poker } from '../../operation/poker.ts';
import { hasNoOwner } from '../../workspace/open-owner-sql.ts';
import { BackendError } from '../backend-error.ts';
import type { BoxContext } from '../box-context.ts';
import { within } from '../within.ts';
import { findStrayBoxes } from './boxes.ts';
import { findLeftDisks } from './disks.ts';
import { findLegacyBoxes } from './legacy.ts';
import { findLostBoxes } from './ledger.ts';
import type { Found, LedgerBox, Listed, Suspect, SweepView } from './pass.ts';
import { findInstances } from './instances.ts';
import { findStaleTokens } from './tokens.ts';
import { findVolumes } from './volumes.ts';

/** How long one sweep of a host may take, in milliseconds; the next one finds the rest. */
const SWEEP_LIMIT_MS = 30_000;
/** What is mended at the same time. */
const AT_ONCE = 5;
/** So many, and this part of the fleet: then it is more likely that the look is wrong than that all of it is orphaned. */
const FEW = 3;
const MOST = 0.4;
/** Failures that are told one by one. */
const MOST_FAILURES = 20;

/**
 * Compares what this host really has with the record, both ways, in passes that do not hinder one another. A backend
 * that does not answer is left out of all of them. Nothing of another owner, and nothing without an owner's label, is
 * ever looked at.
 */
export async function sweepHost(
  context: BoxContext,
  poker: Pick<Poker, 'poke'>,
  order: SweepOrder,
  limitMs: number = SWEEP_LIMIT_MS,
): Promise<HostSweep> {
  const until = Date.now() + limitMs;
  const failed: string[] = [];
  const attempt = async <T>(what: string, work: () => Promise<T>, otherwise: T): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      failed.push(`${what}: ${error instanceof BackendError ? error.says : 'it failed'}`);
      context.log.warn({ pass: what, cause: String(error) }, 'a part of a sweep failed; the others go on');
      return otherwise;
    }
  };
  const view = await look(context, poker, () => until - Date.now(), attempt);
  const nothing: Found = { fleet: 0, suspects: [] };
  const pass = (what: string, find: (of: SweepView) => Promise<Found>) => attempt(what, () => find(view), nothing);
  const stray = await pass('boxes', findStrayBoxes);
  const lost = await pass('ledger', findLostBoxes);
  const volumes = await pass('volumes', findVolumes);
  const legacy = await pass('legacy', findLegacyBoxes);
  const tokens = await pass('tokens', findStaleTokens);
  const instances = await pass('instances', findInstances);
  const disks = await pass('disks', findLeftDisks);
  const groups = {
    boxes: { fleet: stray.fleet, suspects: [...stray.suspects, ...lost.suspects] },
    volumes,
    'legacy containers': legacy,
  };
  const why = order.force ? [] : doubtsOf(groups);
  const stopped = why.length > 0;
  const suspects = [...Object.values(groups), tokens, instances, disks].flatMap((group) => group.suspects);
  const mended = order.dryRun || stopped ? new Set<Suspect>() : await mendAll(suspects, view, attempt);
  const counted = Object.values(groups);
  const report = {
    host: context.host,
    fleet: counted.reduce((sum, { fleet }) => sum + fleet, 0),
    orphans: counted.reduce((sum, group) => sum + group.suspects.length, 0),
    done: mended.size,
    stopped,
    why,
    failed: failed.slice(0, MOST_FAILURES),
  };
  if (stopped) context.log.error(report, 'so much looks orphaned that nothing was touched; force the sweep if it is');
  return {
    ...report,
    findings: suspects.slice(0, mostFindings).map((suspect) => findingOf(context.host, suspect, mended)),
  };
}

/** Each kind by itself: many boxes must not make few volumes look harmless, nor the other way round. */
const doubtsOf = (groups: Readonly<Record<string, Found>>): string[] =>
  Object.entries(groups)
    .filter(([, { fleet, suspects }]) => suspects.length > FEW && suspects.length > MOST * fleet)
    .map(([what, { fleet, suspects }]) => `${suspects.length} of ${fleet} ${what} look orphaned`);

const findingOf = (host: string, suspect: Suspect, mended: ReadonlySet<Suspect>) => {
  const { mend: _, ...finding } = suspect;
  return { host, ...finding, done: mended.has(suspect) };
};

type Attempt = <T>(what: string, work: () => Promise<T>, otherwise: T) => Promise<T>;

/** The ledger first, then reality: what was up before is then seen, or is gone. */
async function look(
  context: BoxContext,
  poker: Pick<Poker, 'poke'>,
  leftMs: () => number,
  attempt: Attempt,
): Promise<SweepView> {
  const { db, owner, host } = context;
  const [{ at: askedAt }] = await db.$queryRaw<[{ at: Date }]>`SELECT clock_timestamp() AS at`;
  const believedUp = await db.$queryRaw<LedgerBox[]>`
    SELECT b.id AS "boxId", b.workspace_id AS "workspaceId", b.external_id AS "externalId", b.provider, b.backend,
           EXISTS (SELECT 1 FROM workspaces w WHERE w.id = b.workspace_id AND NOT ${hasNoOwner}) AS "isOwned"
    FROM boxes b WHERE b.owner = ${owner} AND b.host = ${host} AND b.state IN ('creating', 'running')`;
  const listed: Listed[] = [];
  for (const backend of context.dispatcher.backends) {
    const boxes = await attempt(`list of ${backend.kind}`, () => within(leftMs(), backend.list()), null);
    if (boxes) listed.push({ backend, boxes });
  }
  return { context, poker, listed, askedAt, believedUp, leftMs };
}

/** @returns those that are mended; what fails, and what there is no time for, is the next sweep's */
async function mendAll(suspects: readonly Suspect[], view: SweepView, attempt: Attempt): Promise<Set<Suspect>> {
  const mended = new Set<Suspect>();
  for (let at = 0; at < suspects.length && view.leftMs() > 0; at += AT_ONCE) {
    await Promise.all(
      suspects.slice(at, at + AT_ONCE).map(async (suspect) => {
        if (await attempt(`${suspect.kind} of ${suspect.workspaceId}`, () => suspect.mend(), false))
          mended.add(suspect);
      }),
    );
  }
  return mended;
}
