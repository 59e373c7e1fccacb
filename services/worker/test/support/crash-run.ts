import { type ExpectStatic, expect } from 'vitest';
import { requestDelete } from '@holdfast/activities/workspace/delete-workspace';
import { waitFor } from '@holdfast/infra/testing/index';
import type { CloudRig } from '@holdfast/infra/testing/system/cloud-rig';
import type { CloudProvider } from '@holdfast/workflows/box/box';
import { workflowId } from '@holdfast/workflows/operation/operation';
import type { CrashCase } from './crash-cases.ts';
import type { Lane } from './crash-lane.ts';
import type { Actor } from './crash-stage.ts';
import { ended } from './given.ts';
import { eventsOf } from './world.ts';

export const titleOf = ({ story, call, point }: CrashCase): string => `${story.name}, ${call}: ${point}`;

/** Tells a story in which something goes wrong once, and holds what has become of everybody against it. */
export async function runCase(
  lane: Lane,
  { story, call, point }: CrashCase,
  { check, provider }: { check: ExpectStatic; provider?: CloudProvider },
): Promise<void> {
  const { db, stage, faults } = lane;
  const actor = await stage.enter(story, provider);
  const { id } = actor;
  if (story.refusedStart) faults.refuse(id);
  if (story.hostAway) await stage.takeHostAway(actor);
  if (call !== 'poke' && point !== 'clientGone') faults.plan(id, { call, point });
  let asked: string | null = null;
  for (const ask of story.asks) asked = (await stage.ask(ask, actor)) ?? asked;
  if (point !== 'clientGone') await stage.poke(actor);
  const about = story.about === 'running' || story.kind === 'provision' ? actor.running : asked;
  check(await ended(db, about ?? '', 150_000)).toBe(story.state);
  if (point !== 'clientGone') await waitFor(() => faults.hasHappened(id), { what: 'the planned fault' });
  if (story.hostAway) await stage.moveBoxes(id, lane.host);
  await settled(lane, id, story.boxes);
  const row = await db.workspace.findUnique({ where: { id } });
  check(row?.status ?? null).toBe(story.status);
  check(row?.operationId ?? null).toBeNull();
  check(row?.boxId ?? null).toBe(story.boxes === 1 ? (await stage.boxesOf(id))[0]?.boxId : null);
  check(await eventsOf(lane, id)).toEqual(story.events);
  await runIsOver(lane, id);
  if (lane.clouds) await leaveNothing(lane, lane.clouds, actor);
}

/** The sweeper of the workers pays what is owed; then the ledger, the boxes there are and the wish agree. */
async function settled({ db, stage }: Lane, workspaceId: string, wanted: number): Promise<void> {
  await waitFor(
    async () => {
      const rows = await db.box.findMany({ where: { workspaceId, state: { not: 'gone' } } });
      const real = await stage.boxesOf(workspaceId);
      return (
        rows.length === wanted &&
        real.length === wanted &&
        rows.every((row) => row.id === real[0]?.boxId && row.state === 'running')
      );
    },
    { timeoutMs: 120_000, everyMs: 100, what: `the ledger of ${workspaceId} to be what is there` },
  );
}

const closings: Record<string, string> = { failed: 'FAILED', cancelled: 'CANCELLED' };

/** Nothing goes on under the workspace's id, and how its last run closed is what the rows say. */
async function runIsOver({ db, client }: Lane, workspaceId: string): Promise<void> {
  const handle = client.workflow.getHandle(workflowId(workspaceId));
  await handle.result().catch(() => undefined);
  const { status, runId } = await handle.describe();
  const operations = await db.operation.findMany({ where: { workspaceId } });
  const last = operations.find((operation) => operation.runId === runId);
  expect(status.name).toBe(closings[last?.state ?? ''] ?? 'COMPLETED');
  expect(operations.every(({ state }) => state !== 'accepted' && state !== 'running')).toBe(true);
}

/** Deletes what is left, and sees no machine of it in any cloud. */
async function leaveNothing({ db, stage }: Lane, clouds: CloudRig, actor: Actor): Promise<void> {
  const { id, rootId } = actor;
  const root = await db.workspace.findUnique({ where: { id: rootId } });
  if (root && root.status !== 'removed') {
    const request = { workspaceId: rootId, confirm: true, purge: false, actor: 'test' };
    const intake = await db.$transaction((tx) => requestDelete(tx, request));
    await stage.poke(actor);
    if (!intake.settled && intake.treeId) expect(await ended(db, intake.treeId)).toBe('succeeded');
  }
  const boxes = await db.box.findMany({ where: { workspaceId: { in: [id, rootId] } } });
  const ids = new Set(boxes.map((box) => box.id));
  await waitFor(() => !clouds.machines().some(({ boxId }) => ids.has(boxId)), {
    timeoutMs: 60_000,
    what: `no machine of ${rootId} to be left in any cloud`,
  });
}
