import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import Docker from 'dockerode';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { ownLabels } from '@holdfast/activities/box/names';
import { waitFor } from '../../src/process/wait-for.ts';
import { hasDocker } from '../../src/testing/provided.ts';
import { atSomeInstant, chanceOf } from '../../src/testing/chance.ts';
import { System } from '../../src/testing/system/system.ts';
import {
  createWorkspace,
  disagreements,
  reference,
  untilSettled,
  untilStatus,
} from '../../src/testing/system/workspaces.ts';
import { EngineProxy } from './engine-proxy.ts';

const directory = mkdtempSync(path.join(os.tmpdir(), 'holdfast-engine-'));
const engine = new EngineProxy(path.join(directory, 'docker.sock'));
/** What a delete may spend on an engine that is away before the box is owed. */
const SETTLE_MS = 5_000;
/** The worker waits longer and longer between two tries. */
const RECOVERY_MS = 60_000;

describe.skipIf(!hasDocker())('Docker down', () => {
  let system: System;
  beforeAll(async () => {
    await engine.join();
    const env = { DOCKER_HOST: engine.address, OPERATION_SETTLE_MS: String(SETTLE_MS) };
    system = await System.start({ backend: 'docker', env });
  });
  beforeEach(() => engine.join());
  afterAll(async () => {
    await system?.stop();
    await engine.cut();
    rmSync(directory, { recursive: true, force: true });
  }, 90_000);

  const workerHasMetIt = (id: string) =>
    waitFor(
      () =>
        system.workers[0]
          ?.words()
          .split('\n')
          .some((line) => line.includes(id) && line.includes('docker: ')),
      {
        timeoutMs: RECOVERY_MS,
        what: `the worker to miss the engine for ${id}`,
      },
    );
  const boxesOf = async (id: string) => (await system.realBoxes()).filter(({ workspaceId }) => workspaceId === id);
  const volumesOf = async (id: string) => {
    const { Volumes } = await new Docker().listVolumes({ filters: { label: [`${ownLabels.workspace}=${id}`] } });
    return Volumes.map(({ Name }) => Name);
  };

  test.each(['refuses', 'hangs'] as const)(
    'a create is accepted while the engine %s, and comes online once it answers again',
    async (how) => {
      await (how === 'refuses' ? engine.cut() : engine.hang());
      const { status, body } = await system.api().call('POST', '/workspaces', { body: reference(`without-${how}`) });
      expect({ status, body }).toMatchObject({ status: 201, body: { status: 'provisioning' } });
      const id = String(body['id']);
      if (how === 'refuses') await workerHasMetIt(id);
      else await waitFor(() => system.db.box.findFirst({ where: { workspaceId: id } }), { timeoutMs: RECOVERY_MS });
      expect(await boxesOf(id)).toHaveLength(0);
      await engine.join();
      await untilStatus(system, id, 'online', RECOVERY_MS);
      expect(await system.api().call('DELETE', `/workspaces/${id}?purge=true`)).toMatchObject({ status: 200 });
      await untilSettled(system);
      expect(await disagreements(system)).toEqual([]);
    },
  );

  test.each(['refuses', 'hangs'] as const)(
    'a delete while the engine %s tells what it owes, and the sweeper pays it',
    async (how) => {
      const id = await createWorkspace(system, `doomed-${how}`);
      await untilStatus(system, id, 'online');
      await (how === 'refuses' ? engine.cut() : engine.hang());
      const { status, body } = await system.api().call('DELETE', `/workspaces/${id}`);
      expect({ status, body }).toMatchObject({
        status: 500,
        body: { removed_count: 1, stop_failures: 1, code: 'DELETE_INCOMPLETE', operation_id: expect.any(String) },
      });
      const [owed] = await system.db.box.findMany({ where: { workspaceId: id } });
      expect(owed).toMatchObject({ state: 'owed', owedReason: 'the backend does not answer' });
      expect(await system.db.workspace.findUnique({ where: { id } })).toMatchObject({ status: 'removed' });
      expect(await boxesOf(id)).toHaveLength(1);
      await engine.join();
      await untilSettled(system, RECOVERY_MS);
      expect(await boxesOf(id)).toHaveLength(0);
      // Its work stays: a purge was not asked for.
      await waitFor(async () => (await volumesOf(id)).every((name) => name.endsWith('-workspace')));
      expect(await system.api().call('DELETE', `/workspaces/${id}`)).toMatchObject({
        status: 200,
        body: { status: 'removed', cascade_deleted: 0 },
      });
    },
  );

  test('a bring-up survives the engine going away at any instant of it', async () => {
    const luck = chanceOf('engine cut');
    const made: string[] = [];
    for (let round = 0; round < 4; round += 1) {
      made.push(await createWorkspace(system, `torn-${round}`));
      await atSomeInstant(luck, 600);
      await engine.cut();
      await atSomeInstant(luck, 300);
      await engine.join();
    }
    for (const id of made) await untilStatus(system, id, 'online', RECOVERY_MS);
    await untilSettled(system);
    expect(await disagreements(system)).toEqual([]);
    for (const id of made) expect(await boxesOf(id)).toHaveLength(1);
  });
});
