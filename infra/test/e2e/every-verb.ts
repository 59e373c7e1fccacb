import { expect } from 'vitest';
import { waitFor } from '../../src/process/wait-for.ts';
import type { System } from '../../src/testing/system/system.ts';
import { createWorkspace, disagreements, untilSettled, untilStatus } from '../../src/testing/system/workspaces.ts';

/** Where each of a tree is made and where it is moved to, from its root down. */
const clouds = [
  ['aws', 'hetzner'],
  ['hetzner', 'gcp'],
  ['gcp', 'aws'],
] as const;

/**
 * Takes a tree of three workspaces through every verb over HTTP, and looks at what is really there after each. In
 * clouds each is in another one, and is moved once.
 */
export async function everyVerb(system: System): Promise<void> {
  const isCloud = system.clouds !== undefined;
  const ask = async (verb: string, id: string, body: object = {}): Promise<void> => {
    const { status, body: answer } = await system.api().call('POST', `/workspaces/${id}/${verb}`, { body });
    expect([200, 202], `${verb}: ${JSON.stringify(answer)}`).toContain(status);
  };
  const tree: string[] = [];
  for (const [made] of clouds) {
    const parent = tree.at(-1);
    const fields = { ...(parent ? { parent_id: parent } : {}), ...(isCloud ? { compute: { provider: made } } : {}) };
    tree.push(await createWorkspace(system, `member-${tree.length}`, fields));
  }
  const [root] = tree as [string];
  const boxes = async () => (await system.realBoxes()).filter(({ workspaceId }) => tree.includes(workspaceId));
  /** Each is so, the ledger is what is there, and each has as many boxes. */
  const eachIs = async (status: string, count: 0 | 1): Promise<void> => {
    await Promise.all(tree.map((id) => untilStatus(system, id, status)));
    await untilSettled(system);
    expect(await disagreements(system)).toEqual([]);
    expect((await boxes()).map(({ workspaceId }) => workspaceId).sort()).toEqual(count === 1 ? tree.toSorted() : []);
  };
  const inClouds = async (place: 0 | 1): Promise<void> => {
    if (!isCloud) return;
    const machines = new Map(system.clouds?.machines().map((machine) => [machine.boxId, machine.provider]));
    const real = new Map((await boxes()).map(({ boxId, workspaceId }) => [workspaceId, machines.get(boxId)]));
    expect(tree.map((id) => real.get(id))).toEqual(clouds.map((pair) => pair[place]));
  };
  await eachIs('online', 1);
  await inClouds(0);

  const first = (await boxes()).map(({ boxId }) => boxId);
  await Promise.all(tree.map((id) => ask('restart', id)));
  await waitFor(async () => !(await boxes()).some(({ boxId }) => first.includes(boxId)), {
    timeoutMs: 60_000,
    what: 'new boxes',
  });
  await eachIs('online', 1);
  await inClouds(0);

  await ask('pause', root);
  await eachIs('paused', 0);
  await ask('resume', root);
  await eachIs('online', 1);

  await Promise.all(tree.map((id) => ask('hibernate', id)));
  await eachIs('hibernated', 0);
  await Promise.all(tree.map((id) => ask('wake', id)));
  await eachIs('online', 1);

  if (isCloud) {
    await Promise.all(tree.map((id, place) => ask('switch-provider', id, { provider: clouds[place]?.[1] })));
    const moved = { workspaceId: { in: tree }, kind: 'switch', state: 'succeeded' } as const;
    await waitFor(async () => (await system.db.operation.count({ where: moved })) === tree.length, {
      timeoutMs: 60_000,
      what: 'all in their new clouds',
    });
    await eachIs('online', 1);
    await inClouds(1);
  }

  const { status, body } = await system.api().call('DELETE', `/workspaces/${root}?confirm=true`);
  expect({ status, body }).toMatchObject({ status: 200, body: { status: 'removed', cascade_deleted: 2 } });
  await eachIs('removed', 0);
  expect(await system.db.box.count({ where: { workspaceId: { in: tree }, state: { not: 'gone' } } })).toBe(0);
}
