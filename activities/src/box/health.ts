import { fromSet } from '@holdfast/workflows/workspace/lifecycle';
import { hasOwnBox } from '@holdfast/workflows/workspace/status';
import { rowByRow } from '../loop/row-by-row.ts';
import type { Poker } from '../operation/poker.ts';
import { hasNoOwner } from '../workspace/open-owner-sql.ts';
import type { BoxBackend, BoxRef, Probe } from './backend.ts';
import type { BoxContext } from './box-context.ts';
import { BackendError } from './backend-error.ts';
import { type DeadBox, loseBox } from './lose-box.ts';
import { within } from './within.ts';

/** Suspects that are asked about at the same time. */
const AT_ONCE = 10;
/** How long one of them may take, in milliseconds. */
const PROBE_LIMIT_MS = 10_000;
/** Most boxes that are asked about one by one in a tick, where their backend cannot list them. */
const MOST_PROBES = 200;

export interface HealthReport {
  readonly checked: number;
  readonly dead: number;
  /** Boxes about which nothing could be said: they count as running. */
  readonly cannotTell: number;
  readonly failed: number;
}

interface Watched extends BoxRef {
  readonly backend: string;
}

/**
 * Looks whether the boxes that should run on this host do, with one question to each backend and one more for each box
 * that is missing there. An answer that does not come, or cannot tell, changes nothing: an engine's hiccup must never
 * look like a dead fleet.
 */
export async function checkHealth(context: BoxContext, poker: Pick<Poker, 'poke'>): Promise<HealthReport> {
  // The rows first: a box that is on one has been made, so that its backend knows it by now.
  const watched = await watchedBoxes(context);
  const dead: DeadBox[] = [];
  let cannotTell = 0;
  for (const backend of context.dispatcher.backends) {
    const boxes = watched.filter((box) => box.backend === backend.kind);
    if (boxes.length === 0) continue;
    const found = await findDead(backend, boxes).catch((error: unknown) => {
      context.log.warn(
        { backend: backend.kind, cause: String(error) },
        'boxes cannot be listed; they count as running',
      );
      return { dead: [], cannotTell: boxes.length };
    });
    dead.push(...found.dead);
    cannotTell += found.cannotTell;
  }
  const byWorkspace = new Map(dead.map((box) => [box.workspaceId, box]));
  const finder = { actor: `loop:health-sweep:${context.host}`, reason: 'its box does not run' };
  const report = await rowByRow(
    { ...context, poker },
    'health-sweep',
    [...byWorkspace.keys()],
    ['dead'],
    async (tx, id) => {
      const lost = await loseBox(tx, byWorkspace.get(id) as DeadBox, finder);
      return lost && { as: 'dead', ...lost };
    },
  );
  return { checked: watched.length, ...report, cannotTell };
}

async function watchedBoxes({ db, owner, host }: BoxContext): Promise<Watched[]> {
  const rows = await db.$queryRaw<(Watched & { runtime: string })[]>`
    SELECT b.id AS "boxId", b.workspace_id AS "workspaceId", b.external_id AS "externalId", b.provider, b.backend, w.runtime
    FROM workspaces w JOIN boxes b ON b.id = w.box_id
    WHERE w.status::text = ANY(${fromSet('boxDead')}::text[]) AND b.owner = ${owner} AND b.host = ${host} AND ${hasNoOwner}`;
  return rows.filter(({ runtime }) => hasOwnBox(runtime));
}

async function findDead(
  backend: BoxBackend,
  boxes: readonly Watched[],
): Promise<{ dead: DeadBox[]; cannotTell: number }> {
  const listed = await backend.list().catch(noList);
  const seen = new Map(listed?.map((box) => [box.boxId, box]));
  const suspects = listed ? boxes.filter(({ boxId }) => !seen.get(boxId)?.running) : someOf(boxes);
  const dead: DeadBox[] = [];
  let cannotTell = 0;
  for (let at = 0; at < suspects.length; at += AT_ONCE) {
    const asked = suspects.slice(at, at + AT_ONCE);
    const probes = await Promise.all(asked.map((box) => probe(backend, box)));
    for (const [place, { boxId, workspaceId }] of asked.entries()) {
      if (probes[place]?.cannotTell) cannotTell += 1;
      if (!probes[place]?.running) dead.push({ boxId, workspaceId, isThere: seen.has(boxId) });
    }
  }
  return { dead, cannotTell };
}

/** A backend that cannot tell boxes apart is asked about each; one that does not answer is left alone. */
function noList(error: unknown): null {
  if (error instanceof BackendError && error.problem === 'unverifiable') return null;
  throw error;
}

/** Any of them, so that over some ticks all have their turn. */
const someOf = (boxes: readonly Watched[]): Watched[] =>
  boxes
    .map((box) => ({ box, place: Math.random() }))
    .sort((one, other) => one.place - other.place)
    .slice(0, MOST_PROBES)
    .map(({ box }) => box);

/** No answer in time is none at all. */
const probe = (backend: BoxBackend, box: BoxRef): Promise<Probe> =>
  within(PROBE_LIMIT_MS, backend.isRunning(box)).catch((error: unknown) => ({
    running: true,
    cannotTell: error as Error,
  }));
