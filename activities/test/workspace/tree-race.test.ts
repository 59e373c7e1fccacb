import { describe, expect, test } from 'vitest';
import { createWorkspace } from '@holdfast/activities/workspace/create-workspace';
import { patchWorkspace } from '@holdfast/activities/workspace/patch-workspace';
import { requestRestart } from '@holdfast/activities/workspace/request-restart';
import { Refusal } from '@holdfast/activities/failure/refusal';
import { db, useRows } from '../operation/rows-kit.ts';
import { aWorkspace } from '@holdfast/infra/testing/a-workspace';
import { context } from './create-context.ts';
import { collapse, givenTree, type Ids, pause, remove, resume } from './tree-kit.ts';

useRows();

/** Refusals are answers; anything else, a deadlock above all, is what must not be. */
const answered = async (work: Promise<unknown>): Promise<'done' | 'refused'> => {
  try {
    await work;
    return 'done';
  } catch (error) {
    if (error instanceof Refusal) return 'refused';
    throw error;
  }
};

/** Some round trips to the database, so that the others get a start. */
const later = async (trips: number): Promise<void> => {
  for (let trip = 0; trip < trips; trip += 1) await db.$queryRaw`SELECT 1`;
};

const create = (parentId: string) =>
  answered(db.$transaction((tx) => createWorkspace(tx, aWorkspace({ parentId, name: 'late' }), context)));
const move = (id: string, parentId: string) => answered(db.$transaction((tx) => patchWorkspace(tx, id, { parentId })));
const restart = (workspaceId: string) =>
  answered(db.$transaction((tx) => requestRestart(tx, { workspaceId, actor: 'admin' })));

/** Live workspaces whose parent is removed, or gone. */
const orphans = () => db.$queryRaw<{ name: string }[]>`
  SELECT w.name FROM workspaces w LEFT JOIN workspaces p ON p.id = w.parent_id
  WHERE w.parent_id IS NOT NULL AND w.status <> 'removed' AND (p.id IS NULL OR p.status = 'removed')`;

/** Workspaces that are coming up, or are up, though one above them is paused. */
const awakeUnderPaused = (ids: Ids) => db.$queryRaw<{ name: string }[]>`
  WITH RECURSIVE down (id, name, status, below_paused) AS (
    SELECT id, name, status, false FROM workspaces WHERE id = ${ids['root']!}::uuid
    UNION ALL
    SELECT w.id, w.name, w.status, down.below_paused OR down.status = 'paused' FROM down JOIN workspaces w ON w.parent_id = down.id
  )
  SELECT name FROM down WHERE below_paused AND status NOT IN ('paused', 'removed')`;

const deep = { root: { left: { leaf: { tip: 'online' } }, right: { other: 'online' } } } as const;

describe('a child that is made while its parent is deleted', () => {
  test('is deleted with it or refused, whoever comes first and however deep (100 races)', async () => {
    const outcomes: Record<string, number> = { done: 0, refused: 0 };
    for (let race = 0; race < 100; race += 1) {
      const ids = await givenTree(deep);
      const under = ids[['root', 'left', 'leaf', 'tip'][race % 4]!]!;
      const verb = race % 3 === 0 ? collapse : remove;
      const late = later(race % 40).then(() => create(under));
      const [made, madeLate] = await Promise.all([create(under), late, answered(verb(ids['root']!))]);
      for (const outcome of [made, madeLate]) outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
      expect(await orphans()).toEqual([]);
    }
    // Both orders were met, or the races prove nothing.
    expect(outcomes['done']).toBeGreaterThan(0);
    expect(outcomes['refused']).toBeGreaterThan(0);
  });

  test('is erased with it by a purge or refused', async () => {
    for (let race = 0; race < 20; race += 1) {
      const ids = await givenTree(deep);
      await Promise.all([create(ids['tip']!), answered(remove(ids['root']!, { purge: true }))]);
      expect(await orphans()).toEqual([]);
    }
  });
});

describe('a workspace that is moved while a tree changes', () => {
  test('goes with the tree or stays out of it (60 races)', async () => {
    for (let race = 0; race < 60; race += 1) {
      const ids = await givenTree({ ...deep, mover: { rider: 'online' } });
      const to = ids[['tip', 'root', 'right'][race % 3]!]!;
      await Promise.all([
        move(ids['mover']!, to),
        move(ids['other']!, ids['mover']!),
        answered(race % 2 === 0 ? remove(ids['root']!) : collapse(ids['root']!)),
      ]);
      expect(await orphans()).toEqual([]);
    }
  });
});

describe('verbs on trees that overlap', () => {
  const verbs = {
    pause: (ids: Ids, name: string) => pause(ids[name]!),
    resume: (ids: Ids, name: string) => resume(ids[name]!),
    collapse: (ids: Ids, name: string) => collapse(ids[name]!),
    remove: (ids: Ids, name: string) => remove(ids[name]!),
    purge: (ids: Ids, name: string) => remove(ids[name]!, { purge: true }),
    restart: (ids: Ids, name: string) => restart(ids[name]!),
    create: (ids: Ids, name: string) => create(ids[name]!),
  };
  const rounds = 25;

  test.each([
    ['pause', 'root', 'pause', 'left'],
    ['pause', 'root', 'resume', 'left'],
    ['pause', 'left', 'resume', 'root'],
    ['pause', 'root', 'restart', 'tip'],
    ['pause', 'root', 'remove', 'leaf'],
    ['pause', 'root', 'create', 'tip'],
    ['resume', 'root', 'remove', 'left'],
    ['remove', 'root', 'remove', 'left'],
    ['remove', 'root', 'restart', 'tip'],
    ['purge', 'root', 'remove', 'left'],
    ['collapse', 'root', 'collapse', 'left'],
    ['collapse', 'left', 'pause', 'root'],
  ] as const)('%s of %s and %s of %s never wait for each other in a circle', async (one, at, other, below) => {
    for (let round = 0; round < rounds; round += 1) {
      const ids = await givenTree(deep);
      // Half of the rounds find a part of the tree paused.
      if (round % 2 === 0) await answered(pause(ids[round % 4 === 0 ? 'left' : 'root']!));
      await Promise.all([
        answered(verbs[one](ids, at)),
        answered(verbs[other](ids, below)),
        answered(verbs[other](ids, at)),
        answered(verbs[one](ids, below)),
      ]);
      expect(await orphans()).toEqual([]);
    }
  });

  test('of several kinds at once leave every workspace with one owner at most, and every event with its write', async () => {
    for (let round = 0; round < 15; round += 1) {
      const ids = await givenTree(deep);
      const names = Object.keys(ids);
      const all = Object.values(verbs);
      await Promise.all(
        Array.from({ length: 8 }, (_, n) =>
          answered(all[(round + n * 3) % all.length]!(ids, names[(round * 5 + n) % names.length]!)),
        ),
      );
      expect(await orphans()).toEqual([]);
      const owners = await db.$queryRaw<unknown[]>`
        SELECT 1 FROM workspaces w WHERE w.operation_id IS NOT NULL AND NOT EXISTS (
          SELECT 1 FROM operations o WHERE o.id = w.operation_id AND o.state IN ('accepted', 'running'))`;
      expect(owners).toEqual([]);
    }
  });
});

test('a resume below a paused workspace meets the pause above it: never is anything awake under what is paused (60 races)', async () => {
  for (let race = 0; race < 60; race += 1) {
    const ids = await givenTree(deep);
    await pause(ids['left']!);
    await db.operation.updateMany({ where: { state: 'accepted' }, data: { state: 'succeeded' } });
    await Promise.all([answered(resume(ids['left']!)), answered(pause(ids['root']!)), restart(ids['other']!)]);
    expect(await awakeUnderPaused(ids)).toEqual([]);
  }
});
