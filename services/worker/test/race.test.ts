import { WorkflowNotFoundError } from '@temporalio/client';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { superviseLoop } from '@holdfast/activities/loop/supervised-loop';
import type { WorkspacePoker } from '@holdfast/activities/operation/poker';
import { type Chance, chanceOf, waitFor } from '@holdfast/infra/testing/index';
import { workflowId } from '@holdfast/workflows/operation/operation';
import { type Instant, instants } from './support/instants.ts';
import { allEnded, givenWorkspace, whenDeleted } from './support/given.ts';
import { roundsOf } from './support/size.ts';
import { useWorld } from './support/use-world.ts';
import { eventsOf, ledgerIsReality } from './support/world.ts';

const AT_ONCE = 8;
const { world, script } = useWorld({ hosts: 2, longestCreateMs: 1_000 });
const db = () => world().rig.db;

/** What happens to a workspace at which instant of its bring-up; once. */
const planned = new Map<string, { at: Instant; act: () => Promise<unknown> }>();
const trouble: unknown[] = [];
function reach(workspaceId: string, at: Instant): void {
  const plan = planned.get(workspaceId);
  if (plan?.at !== at) return;
  planned.delete(workspaceId);
  plan.act().catch((error: unknown) => trouble.push(error));
}

/** Steps on the boxes of one workspace that are under way; more than one at a time is what must never be. */
const busy = new Map<string, string>();
const overlaps: string[] = [];
function enter(workspaceId: string, step: string): void {
  const other = busy.get(workspaceId);
  if (other) overlaps.push(`${step} during ${other} of ${workspaceId}`);
  busy.set(workspaceId, step);
}
const leave = (workspaceId: string): void => void busy.delete(workspaceId);

beforeEach(() => {
  script.beforeRow = (name, { workspaceId }) => reach(workspaceId, `before ${name}` as Instant);
  script.afterRow = (name, { workspaceId }) => reach(workspaceId, `after ${name}` as Instant);
  script.beforeStart = ({ workspaceId }) => {
    enter(workspaceId, 'start');
    reach(workspaceId, 'before start');
  };
  script.afterStart = async ({ workspaceId }) => {
    reach(workspaceId, 'inside start');
    // Long enough for what came in between to be heard of.
    await db().$queryRaw`SELECT 1`;
    leave(workspaceId);
  };
  script.beforeStop = ({ workspaceId }) => enter(workspaceId, 'stop');
  script.afterStop = ({ workspaceId }) => leave(workspaceId);
});
const stopping = new AbortController();
let loops: Promise<unknown>;
beforeAll(() => {
  const { dispatch, checkReality } = world().rig;
  const loop = (name: string, periodMs: number, work: () => Promise<unknown>): Promise<void> =>
    superviseLoop(
      { name, periodMs, tick: async () => void (await work()), onFailure: (error) => trouble.push(error) },
      stopping.signal,
    );
  loops = Promise.all([loop('dispatcher', 200, dispatch), loop('reality', 500, checkReality)]);
});
afterAll(async () => {
  stopping.abort();
  await loops;
});

/** Runs the rounds, some at a time; answers with the ids of their workspaces. */
async function rounds(count: number, round: () => Promise<string>): Promise<string[]> {
  const ids: string[] = [];
  let left = count;
  const lanes = Array.from({ length: AT_ONCE }, async () => {
    while (left-- > 0) ids.push(await round());
  });
  await Promise.all(lanes);
  return ids;
}

/** Loses some pokes, besides those that the server is too busy for: what a loss costs is time. */
const dropping = (poker: WorkspacePoker, { next }: Chance, rate: number): WorkspacePoker => ({
  poke: (id) => (next() < rate ? Promise.resolve() : poker.poke(id).catch(() => undefined)),
});

test.each([
  { count: roundsOf({ usual: 40, full: 200 }), rate: 0 },
  { count: roundsOf({ usual: 30, full: 100 }), rate: 0.05 },
])(
  '$count creates racing their deletes, with $rate of the pokes lost, leave no box and no open operation',
  { timeout: 600_000 },
  async ({ count, rate }) => {
    const luck = chanceOf('creates racing their deletes');
    const poker = dropping(world().rig.poker, luck, rate);
    const deletions: string[] = [];
    const ids = await rounds(count, async () => {
      const { id } = await givenWorkspace(db());
      const gone = new Promise<void>((resolve) => {
        const remove = async (): Promise<void> => {
          deletions.push(await whenDeleted(db(), id));
          resolve();
          await poker.poke(id);
        };
        planned.set(id, { at: luck.pick(instants), act: remove });
      });
      reach(id, 'at once');
      await poker.poke(id);
      await gone;
      return id;
    });
    await allEnded(db(), ids, 180_000);
    await ledgerIsReality(world(), ids);
    expect(world().folder.boxes()).toEqual([]);
    expect(overlaps).toEqual([]);
    expect(trouble.splice(0)).toEqual([]);
    const states = await db().operation.groupBy({
      by: ['kind', 'state'],
      where: { workspaceId: { in: ids } },
      _count: true,
    });
    expect(states.filter(({ kind }) => kind === 'delete')).toEqual([
      { kind: 'delete', state: 'succeeded', _count: count },
    ]);
    for (const id of ids) {
      const row = await db().workspace.findUniqueOrThrow({ where: { id } });
      expect(row).toMatchObject({ status: 'removed', operationId: null, boxId: null });
      expect((await eventsOf(world().rig, id)).filter((type) => type !== 'WORKSPACE_ONLINE')).toEqual([
        'WORKSPACE_PROVISIONING',
        'WORKSPACE_REMOVED',
      ]);
    }
  },
);

/** A run that has ended by itself meanwhile is as good. */
async function terminate(id: string): Promise<void> {
  try {
    await world().rig.client.workflow.getHandle(workflowId(id)).terminate('by hand');
  } catch (error) {
    if (!(error instanceof WorkflowNotFoundError)) throw error;
  }
}

const TERMINATED = roundsOf({ usual: 20, full: 50 });

test(
  `${TERMINATED} executions terminated by hand at any instant are found, and their workspaces settled`,
  { timeout: 600_000 },
  async () => {
    const luck = chanceOf('terminated executions');
    const poker = dropping(world().rig.poker, luck, 0);
    const ids = await rounds(TERMINATED, async () => {
      const { id, operationId } = await givenWorkspace(db());
      const at = luck.pick(instants.filter((instant) => instant !== 'at once'));
      planned.set(id, { at, act: () => terminate(id) });
      await poker.poke(id);
      await waitFor(
        async () =>
          !['accepted', 'running'].includes(
            (await db().operation.findUniqueOrThrow({ where: { id: operationId } })).state,
          ),
        { timeoutMs: 60_000, what: `the end of the operation terminated ${at}` },
      );
      return id;
    });
    await allEnded(db(), ids, 180_000);
    await ledgerIsReality(world(), ids);
    const lost = await db().operation.count({ where: { workspaceId: { in: ids }, failureCode: 'EXECUTION_LOST' } });
    expect(trouble.splice(0)).toEqual([]);
    console.log(`${lost} of ${TERMINATED} were lost`);
    expect(lost).toBeGreaterThan(TERMINATED / 5);
    for (const id of ids) {
      const row = await db().workspace.findUniqueOrThrow({ where: { id } });
      const boxes = world()
        .folder.boxes()
        .filter(({ workspaceId }) => workspaceId === id);
      const [operation] = await db().operation.findMany({ where: { workspaceId: id } });
      expect({ state: operation?.state, status: row.status, boxes: boxes.length, owner: row.operationId }).toEqual(
        operation?.state === 'succeeded'
          ? { state: 'succeeded', status: 'online', boxes: 1, owner: null }
          : { state: 'failed', status: 'failed', boxes: 0, owner: null },
      );
      expect(row.boxId).toBe(boxes[0]?.boxId ?? null);
      const events = await eventsOf(world().rig, id);
      expect(events.filter((type) => type === 'WORKSPACE_PROVISION_FAILED')).toHaveLength(
        operation?.state === 'failed' ? 1 : 0,
      );
    }
  },
);
