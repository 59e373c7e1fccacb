import { randomUUID } from 'node:crypto';
import Docker from 'dockerode';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { boxName, ownLabels } from '@holdfast/activities/box/names';
import { insertOperation } from '@holdfast/activities/operation/intake';
import { lockWorkspace } from '@holdfast/activities/workspace/workspace-row';
import { waitFor } from '../../src/process/wait-for.ts';
import { hasDocker } from '../../src/testing/provided.ts';
import { System } from '../../src/testing/system/system.ts';
import { createWorkspace, disagreements, untilSettled, untilStatus } from '../../src/testing/system/workspaces.ts';

describe.skipIf(!hasDocker())('two installations on one engine', () => {
  const docker = new Docker();
  let ours: System;
  let theirs: System;
  let their: { id: string; containers: string[] };
  beforeAll(async () => {
    [ours, theirs] = await Promise.all([System.start({ backend: 'docker' }), System.start({ backend: 'docker' })]);
    const id = await createWorkspace(theirs, 'theirs');
    await untilStatus(theirs, id, 'online');
    their = { id, containers: await containersOf(theirs) };
    if (their.containers.length !== 1) throw new Error(`they have ${their.containers.length} containers`);
  }, 180_000);
  afterAll(() => Promise.all([ours?.stop(), theirs?.stop()]), 90_000);

  /** Containers and volumes as the engine has them, not as a backend tells; their ids change when they are made anew. */
  async function containersOf({ owner }: System): Promise<string[]> {
    const filters = { label: [`${ownLabels.owner}=${owner}`] };
    return (await docker.listContainers({ filters })).map(({ Id }) => Id).sort();
  }
  async function volumesOf({ owner }: System): Promise<string[]> {
    const { Volumes } = await docker.listVolumes({ filters: { label: [`${ownLabels.owner}=${owner}`] } });
    return Volumes.map(({ Name }) => Name).sort();
  }
  const theyAreUntouched = async () => {
    expect(await containersOf(theirs)).toEqual(their.containers);
    expect(await volumesOf(theirs)).toEqual(expect.arrayContaining([expect.stringContaining(boxName(their.id))]));
    expect(await disagreements(theirs)).toEqual([]);
    expect(await theirs.db.workspace.findUnique({ where: { id: their.id } })).toMatchObject({ status: 'online' });
  };
  const debtOn = (system: System, box: { id: string; workspaceId: string; owner: string }) =>
    system.db.box.create({
      data: { ...box, operationId: randomUUID(), cycle: 1, host: ours.host, backend: 'docker', state: 'owed' },
    });

  test('each lists its own boxes, and deletes nothing but those', async () => {
    const id = await createWorkspace(ours, 'ours');
    await untilStatus(ours, id, 'online');
    expect((await ours.realBoxes()).map(({ workspaceId }) => workspaceId)).toEqual([id]);
    expect((await theirs.realBoxes()).map(({ workspaceId }) => workspaceId)).toEqual([their.id]);
    expect(await ours.api().call('DELETE', `/workspaces/${id}?purge=true`)).toMatchObject({ status: 200 });
    await untilSettled(ours);
    expect([await containersOf(ours), await volumesOf(ours)]).toEqual([[], []]);
    await theyAreUntouched();
  });

  test('a sweeper stops no box of another owner, whatever its own ledger says', async () => {
    const [box] = await theirs.realBoxes();
    const claimed = { id: String(box?.boxId), workspaceId: their.id };
    await debtOn(ours, { ...claimed, owner: ours.owner });
    // There is no such box of this owner: to him it is gone.
    await untilSettled(ours);
    await theyAreUntouched();
  });

  test('a sweeper leaves the rows of another owner alone', async () => {
    const foreign = { id: randomUUID(), workspaceId: randomUUID(), owner: theirs.owner };
    const own = { id: randomUUID(), workspaceId: randomUUID(), owner: ours.owner };
    await debtOn(ours, foreign);
    await debtOn(ours, own);
    const stateOf = async ({ id }: { id: string }) => (await ours.db.box.findUnique({ where: { id } }))?.state;
    await waitFor(async () => (await stateOf(own)) === 'gone', { timeoutMs: 30_000 });
    expect(await ours.db.box.findUnique({ where: { id: foreign.id } })).toMatchObject({ state: 'owed', attempts: 0 });
    await ours.db.box.deleteMany({ where: { id: foreign.id } });
  });

  test('a workspace whose id begins like one of another owner fails with a clear text, and removes nothing', async () => {
    const id = `${their.id.slice(0, 12)}${randomUUID().slice(12)}`;
    expect(boxName(id)).toBe(boxName(their.id));
    const fields = { id, orgId: 'default', name: 'collides', runtime: 'reference', tier: 2 };
    await ours.db.$transaction(async (tx) => {
      await tx.workspace.create({ data: fields });
      const row = await lockWorkspace(tx, id);
      if (!row) throw new Error('a row just inserted is there');
      await insertOperation(tx, row, { kind: 'provision', actor: 'admin' }, 'owner');
    });
    await untilStatus(ours, id, 'failed');
    expect(await ours.db.workspace.findUnique({ where: { id } })).toMatchObject({
      lastSampleError: expect.stringContaining('workspace start failed'),
    });
    const why = ours.workers[0]
      ?.words()
      .split('\n')
      .filter((line) => line.includes(id));
    expect(why?.join('\n')).toContain('belongs to another owner or workspace');
    await theyAreUntouched();
    expect(await ours.api().call('DELETE', `/workspaces/${id}?purge=true`)).toMatchObject({ status: 200 });
    await untilSettled(ours);
    await theyAreUntouched();
  });

  test('an installation that has lost its database still knows its own boxes by their labels, ends them, and no others', async () => {
    const id = await createWorkspace(ours, 'forgotten');
    await untilStatus(ours, id, 'online');
    await untilSettled(ours);
    await ours.db.$executeRaw`TRUNCATE workspaces, operations, operation_steps, boxes, backends CASCADE`;
    // Both workers go on for a while, with a sweep each.
    for (const system of [ours, theirs]) {
      const since = new Date();
      const swept = { name: `owed-boxes:${system.host}`, lastTickAt: { gt: since } };
      await waitFor(() => system.db.loop.findFirst({ where: swept }), { timeoutMs: 30_000 });
    }
    // Nobody else would: to the ledger there is no such box.
    await waitFor(async () => (await ours.realBoxes()).length === 0, {
      timeoutMs: 120_000,
      what: 'the end of the box that nobody remembers',
    });
    expect((await theirs.realBoxes()).map(({ workspaceId }) => workspaceId)).toEqual([their.id]);
    await theyAreUntouched();
  });
});
