import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { givenWorkspace } from '../given-workspace.ts';
import { givenBox, givenOwner } from './given-operation.ts';
import { boxesOf, db, eventsOf, place, provisioning, rows, twice, useRows, workspace } from './rows-kit.ts';

useRows();

describe('the begin of a settle', () => {
  test('takes the current box from the row and marks all that may run as being stopped', async () => {
    const run = await provisioning();
    const before = { ...run, operationId: randomUUID() };
    await givenBox(db, before, { state: 'running', current: true });
    await givenBox(db, before, { state: 'owed', host: 'there' });
    await givenBox(db, before, { state: 'gone', host: 'nowhere' });
    await db.workspace.update({
      where: { id: run.workspaceId },
      data: { livenessExpiresAt: new Date(), internalUrl: 'http://ws:8000' },
    });
    const { hosts } = (await twice(run, () => rows.beginSettle({ ...run, beforeCycle: 1 })))!;
    expect([...hosts].sort()).toEqual(['here', 'there']);
    expect((await boxesOf(run.workspaceId)).map(({ state }) => state).sort()).toEqual(['gone', 'owed', 'stopping']);
    expect(await workspace(run.workspaceId)).toMatchObject({
      boxId: null,
      boxOperationId: null,
      livenessExpiresAt: null,
      internalUrl: null,
    });
  });

  test('that comes late leaves the box alone that was minted meanwhile', async () => {
    const run = await provisioning();
    await givenBox(db, { ...run, operationId: randomUUID() }, { state: 'running' });
    await rows.beginSettle({ ...run, beforeCycle: 1 });
    const { boxId } = (await rows.mintBox({ ...run, cycle: 1, ...place }))!;
    // What a worker that was frozen in the middle of the step does when it thaws.
    await rows.beginSettle({ ...run, beforeCycle: 1 });
    expect(await workspace(run.workspaceId)).toMatchObject({ boxId });
    expect(await db.box.findUniqueOrThrow({ where: { id: boxId } })).toMatchObject({ state: 'creating' });
  });

  test('stops the box of its own cycle when a bring-up is undone', async () => {
    const run = await provisioning();
    await rows.mintBox({ ...run, cycle: 1, ...place });
    await rows.beginSettle({ ...run, beforeCycle: 2 });
    expect(await boxesOf(run.workspaceId)).toMatchObject([{ state: 'stopping' }]);
    expect(await workspace(run.workspaceId)).toMatchObject({ boxId: null });
  });

  test('takes back the status of the agent whose box it stops', async () => {
    const run = await provisioning();
    await givenBox(db, run, { state: 'running', current: true });
    await db.workspace.update({ where: { id: run.workspaceId }, data: { status: 'online' } });
    await twice(run, () => rows.beginSettle({ ...run, beforeCycle: 2 }));
    expect(await workspace(run.workspaceId)).toMatchObject({ status: 'provisioning' });
    expect(await eventsOf(run.workspaceId)).toEqual(['WORKSPACE_PROVISIONING']);
  });

  test('of a delete changes no status', async () => {
    const workspaceId = await givenWorkspace(db, { status: 'removed' });
    const run = await givenOwner(db, workspaceId, { kind: 'delete' });
    await givenBox(db, { ...run, operationId: randomUUID() }, { state: 'running', current: true });
    await twice(run, () => rows.beginSettle({ ...run, beforeCycle: 1 }));
    expect(await workspace(workspaceId)).toMatchObject({ status: 'removed', boxId: null });
    expect(await eventsOf(workspaceId)).toEqual([]);
  });
});

describe('a debt', () => {
  test('is written for what is still being stopped on the named hosts only', async () => {
    const run = await provisioning();
    for (const host of ['a', 'b']) await givenBox(db, run, { state: 'stopping', host });
    await givenBox(db, run, { state: 'gone', host: 'a' });
    await twice(run, () => rows.oweBoxes({ ...run, hosts: ['a'], reason: 'away' }));
    expect(
      (await boxesOf(run.workspaceId)).map(({ host, state, owedReason }) => `${host} ${state} ${owedReason}`).sort(),
    ).toEqual(['a gone null', 'a owed away', 'b stopping null']);
  });
});
