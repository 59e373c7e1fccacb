import { requestCollapse } from '@holdfast/activities/workspace/collapse-workspace';
import { requestPause } from '@holdfast/activities/workspace/pause-workspace';
import { requestResume } from '@holdfast/activities/workspace/resume-workspace';
import type { TreeIntake } from '@holdfast/activities/workspace/tree-intake';
import { waitFor } from '@holdfast/infra/testing/index';
import type { Database } from '@holdfast/prisma';
import { ended, givenWorkspace } from './given.ts';
import type { World } from './world.ts';

/** The names of children below each name; a leaf has none. */
export interface Shape {
  readonly [name: string]: Shape;
}

/** Makes workspaces as the gateway does; answers with their ids by name. */
export async function givenTree(
  db: Database,
  shape: Shape,
  parentId: string | null = null,
): Promise<Map<string, string>> {
  const ids = new Map<string, string>();
  for (const [name, below] of Object.entries(shape)) {
    const { id } = await givenWorkspace(db, { name, parentId });
    ids.set(name, id);
    for (const [child, childId] of await givenTree(db, below, id)) ids.set(child, childId);
  }
  return ids;
}

/** The same, every one of them online. */
export async function onlineTree({ rig }: World, shape: Shape): Promise<Map<string, string>> {
  const ids = await givenTree(rig.db, shape);
  await Promise.all([...ids.values()].map((id) => rig.poker.poke(id)));
  await waitFor(
    async () =>
      (await rig.db.workspace.count({ where: { id: { in: [...ids.values()] }, status: 'online' } })) === ids.size,
    { timeoutMs: 60_000, what: 'the tree to be online' },
  );
  return ids;
}

/** A root with so many children. */
export const wide = (count: number): Shape => ({
  root: Object.fromEntries(Array.from({ length: count - 1 }, (_, place) => [`child ${place + 1}`, {}])),
});

const actor = 'test';
export const whenPaused = (db: Database, workspaceId: string): Promise<TreeIntake> =>
  db.$transaction((tx) => requestPause(tx, { workspaceId, actor }));
export const whenResumed = (db: Database, workspaceId: string): Promise<TreeIntake> =>
  db.$transaction((tx) => requestResume(tx, { workspaceId, actor }));
export const whenCollapsed = (db: Database, workspaceId: string): Promise<TreeIntake> =>
  db.$transaction((tx) => requestCollapse(tx, { workspaceId, actor }));

/** How each member of a request ended, in the order of the members. */
export const outcomesOf = (db: Database, { members }: TreeIntake): Promise<string[]> =>
  Promise.all(members.flatMap(({ operationId }) => (operationId ? [ended(db, operationId)] : [])));
