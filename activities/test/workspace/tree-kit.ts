import { randomUUID } from 'node:crypto';
import { requestCollapse } from '@holdfast/activities/workspace/collapse-workspace';
import { type DeleteIntake, requestDelete } from '@holdfast/activities/workspace/delete-workspace';
import { requestPause } from '@holdfast/activities/workspace/pause-workspace';
import { requestResume } from '@holdfast/activities/workspace/resume-workspace';
import type { TreeIntake } from '@holdfast/activities/workspace/tree-intake';
import type { RunRef } from '@holdfast/workflows/operation/ports';
import type { WorkspaceStatus } from '@holdfast/workflows/workspace/status';
import { db, rows } from '../operation/rows-kit.ts';
import { givenWorkspace } from '../given-workspace.ts';

/** A workspace of a tree, as `name: status`, with those below it. */
export interface Plan {
  readonly [name: string]: Plan | WorkspaceStatus;
}

export type Ids = Readonly<Record<string, string>>;

/** Makes a tree; a leaf is its status, a workspace with children is online. Answers with the ids by name. */
export async function givenTree(plan: Plan, parentId?: string): Promise<Ids> {
  const ids: Record<string, string> = {};
  let age = 0;
  for (const [name, below] of Object.entries(plan)) {
    const isLeaf = typeof below !== 'object';
    const id = await givenWorkspace(db, {
      name,
      status: isLeaf ? below : 'online',
      createdAt: new Date(1_000 + (age += 1)),
      ...(parentId ? { parent: { connect: { id: parentId } } } : {}),
    });
    ids[name] = id;
    if (!isLeaf) Object.assign(ids, await givenTree(below as Plan, id));
  }
  return ids;
}

export const setStatus = (id: string, status: WorkspaceStatus) =>
  db.workspace.update({ where: { id }, data: { status } });

export const pause = (workspaceId: string) =>
  db.$transaction((tx) => requestPause(tx, { workspaceId, actor: 'admin' }));
export const resume = (workspaceId: string) =>
  db.$transaction((tx) => requestResume(tx, { workspaceId, actor: 'admin' }));
export const collapse = (workspaceId: string) =>
  db.$transaction((tx) => requestCollapse(tx, { workspaceId, actor: 'admin' }));
export const remove = (workspaceId: string, wanted: { purge?: boolean; confirm?: boolean } = {}) =>
  db.$transaction((tx) => requestDelete(tx, { workspaceId, confirm: true, purge: false, actor: 'admin', ...wanted }));

/** What was taken in; a test that calls this knows that something was. */
export function taken(intake: DeleteIntake): TreeIntake {
  if (intake.settled) throw new Error('there is something to delete');
  return intake;
}

export const namesOf = ({ members }: TreeIntake): string[] => members.map(({ name }) => name);

/** Name and status of each workspace of a tree, in the order of their making. */
export async function statusesOf(ids: Ids): Promise<Record<string, string>> {
  const found = await db.workspace.findMany({ where: { id: { in: Object.values(ids) } } });
  return Object.fromEntries(
    Object.entries(ids).map(([name, id]) => [name, found.find((row) => row.id === id)?.status ?? 'gone']),
  );
}

/** The events of a tree: whose, what, and with which payload, in the order in which they were told. */
export async function eventsOf(ids: Ids) {
  const events = await db.structureEvent.findMany({
    where: { workspaceId: { in: Object.values(ids) } },
    orderBy: { createdAt: 'asc' },
  });
  const nameOf = new Map(Object.entries(ids).map(([name, id]) => [id, name]));
  return events.map(({ workspaceId, eventType, payload }) => [nameOf.get(workspaceId ?? ''), eventType, payload]);
}

export const operationsOf = (workspaceId: string) =>
  db.operation.findMany({ where: { workspaceId }, orderBy: { seq: 'asc' } });

/** A run takes up the operation that owns a workspace. */
export async function begun(workspaceId: string): Promise<RunRef> {
  const { operationId } = await db.workspace.findUniqueOrThrow({ where: { id: workspaceId } });
  if (!operationId) throw new Error('nobody owns it');
  const run = { operationId, workspaceId, runId: randomUUID() };
  await rows.beginOperation(run);
  return run;
}

/** A run carries a delete out, up to its end, as far as the rows know; `owed` is a box it cannot stop. */
export async function carriedOut(workspaceId: string): Promise<string> {
  const run = await begun(workspaceId);
  const plan = await rows.planErase(run);
  const kind = 'delete';
  if (plan && plan.owed.length > 0) {
    const ending = { state: 'failed', failureCode: 'DELETE_INCOMPLETE', failureText: plan.owed.join('; ') } as const;
    return (await rows.finishOperation({ ...run, kind, ending })).state;
  }
  if (plan) await rows.eraseWorkspace(run);
  return (await rows.finishOperation({ ...run, kind, ...(plan ? { ending: { state: 'succeeded' } } : {}) })).state;
}
