import { requestCollapse } from '@holdfast/activities/workspace/collapse-workspace';
import { requestPause } from '@holdfast/activities/workspace/pause-workspace';
import { requestResume } from '@holdfast/activities/workspace/resume-workspace';
import type { TreeIntake } from '@holdfast/activities/workspace/tree-intake';
import { waitFor } from '@holdfast/infra/testing/index';
import type { Cipher } from '@holdfast/activities/secret/cipher';
import type { Database } from '@holdfast/prisma';
import { isEnded } from '@holdfast/workflows/operation/operation';
import { givenWorkspace } from './given.ts';
import { cipher, type Rig } from './rig.ts';

/** The names of children below each name; a leaf has none. */
export interface Shape {
  readonly [name: string]: Shape;
}

/** Makes workspaces as the gateway does; answers with their ids by name. */
async function givenTree(
  db: Database,
  shape: Shape,
  by: Cipher = cipher,
  parentId: string | null = null,
): Promise<Map<string, string>> {
  const ids = new Map<string, string>();
  for (const [name, below] of Object.entries(shape)) {
    const { id } = await givenWorkspace(db, { name, parentId }, by);
    ids.set(name, id);
    for (const [child, childId] of await givenTree(db, below, by, id)) ids.set(child, childId);
  }
  return ids;
}

/** The same, every one of them online. */
export async function onlineTree(
  { rig }: { rig: Pick<Rig, 'db' | 'poker'> },
  shape: Shape,
  by: Cipher = cipher,
): Promise<Map<string, string>> {
  const ids = await givenTree(rig.db, shape, by);
  // Some at a time: what the test is about comes after it, and may be timed.
  for (const left = [...ids.values()]; left.length > 0;) {
    const next = left.splice(0, 10);
    await Promise.all(next.map((id) => rig.poker.poke(id)));
    await waitFor(
      async () => (await rig.db.workspace.count({ where: { id: { in: next }, status: 'online' } })) === next.length,
      { timeoutMs: 60_000, what: 'the tree to be online' },
    );
  }
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
export async function outcomesOf(db: Database, { members }: TreeIntake, timeoutMs = 180_000): Promise<string[]> {
  const ids = members.flatMap(({ operationId }) => operationId ?? []);
  const operations = await waitFor(
    async () => {
      const found = await db.operation.findMany({ where: { id: { in: ids } }, select: { id: true, state: true } });
      return found.every(({ state }) => isEnded(state)) ? found : undefined;
    },
    { timeoutMs, everyMs: 100, what: 'the end of every member' },
  );
  return ids.flatMap((id) => operations.find((operation) => operation.id === id)?.state ?? []);
}
