import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { saveGlobalSecret } from '../../src/secret/global-secrets.ts';
import { writeWorkspaceSecret } from '../../src/secret/workspace-secrets.ts';
import { givenWorkspace } from '../given-workspace.ts';
import { givenOperation, givenOwner } from './given-operation.ts';
import { cipher, db, operation, provisioning, rows, twice, useRows } from './rows-kit.ts';

useRows();

const restarting = async (request: object) =>
  givenOwner(db, await givenWorkspace(db, { status: 'provisioning' }), { kind: 'restart', request });
const cycleRequest = async (id: string) => (await operation(id)).cycleRequest;

describe('what a cycle was asked for', () => {
  test('is what its operation was asked for', async () => {
    const run = await restarting({ template: 'crew', reset: true });
    await twice(run, () => rows.beginCycle({ ...run, cycle: 1 }));
    expect(await cycleRequest(run.operationId)).toEqual({ template: 'crew', reset: true });
  });

  test('holds the wishes of every request that it serves as well; of two templates the later', async () => {
    const run = await restarting({ template: 'first' });
    await givenOperation(db, run.workspaceId, { kind: 'restart', request: { reset: true } });
    await givenOperation(db, run.workspaceId, { kind: 'restart', request: { template: 'second' } });
    await givenOperation(db, run.workspaceId, { kind: 'restart' });
    await twice(run, () => rows.beginCycle({ ...run, cycle: 1 }));
    expect(await cycleRequest(run.operationId)).toEqual({ template: 'second', reset: true });
  });

  test('is not asked for again by the next cycle: what was edited since is not overwritten', async () => {
    const run = await restarting({ template: 'first', reset: true });
    await rows.beginCycle({ ...run, cycle: 1 });
    await givenOperation(db, run.workspaceId, { kind: 'restart' });
    await twice(run, () => rows.beginCycle({ ...run, cycle: 2 }));
    expect(await cycleRequest(run.operationId)).toEqual({});
    expect((await operation(run.operationId)).request).toEqual({ template: 'first', reset: true });
  });
});

describe('what the next session is to be told', () => {
  test('is when the one before was last heard of, and the names of its variables, never their values', async () => {
    const heard = new Date('2026-01-02T03:04:05Z');
    const id = await givenWorkspace(db, { status: 'provisioning', lastHeartbeatAt: heard });
    const value = randomBytes(16).toString('hex');
    await db.$transaction(async (tx) => {
      await saveGlobalSecret(tx, cipher, { key: 'SHARED', value });
      await writeWorkspaceSecret(tx, cipher, { workspaceId: id, key: 'SHARED', value });
      await writeWorkspaceSecret(tx, cipher, { workspaceId: id, key: 'API_KEY', value });
    });
    const run = await givenOwner(db, id, { kind: 'restart' });
    await rows.beginCycle({ ...run, cycle: 1 });
    const { restartContext } = await operation(run.operationId);
    expect(restartContext).toEqual({
      restart_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/) as string,
      previous_session_ended_at: '2026-01-02T03:04:05Z',
      env_names: ['API_KEY', 'SHARED'],
    });
    expect(JSON.stringify(restartContext)).not.toContain(value);
  });

  test('says so when there was no session before', async () => {
    const run = await restarting({});
    await rows.beginCycle({ ...run, cycle: 1 });
    expect((await operation(run.operationId)).restartContext).toMatchObject({ previous_session_ended_at: null });
  });

  test('is nothing at a first bring-up, unless it serves a restart as well', async () => {
    const run = await provisioning();
    await rows.beginCycle({ ...run, cycle: 1 });
    expect((await operation(run.operationId)).restartContext).toBeNull();
    await givenOperation(db, run.workspaceId, { kind: 'restart' });
    await rows.beginCycle({ ...run, cycle: 2 });
    expect((await operation(run.operationId)).restartContext).not.toBeNull();
  });
});
