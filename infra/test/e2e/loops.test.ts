import { randomUUID } from 'node:crypto';
import path from 'node:path';
import Docker from 'dockerode';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { BoxBackend, BoxSpec } from '@holdfast/activities/box/backend';
import { dockerBackend } from '@holdfast/activities/box/docker/backend';
import { processBackend } from '@holdfast/activities/box/process/backend';
import { ensureAgentImage } from '../../src/images/agent-image.ts';
import { waitFor } from '../../src/process/wait-for.ts';
import { root } from '../../src/root.ts';
import { hasDocker } from '../../src/testing/provided.ts';
import { quietLog } from '../../src/testing/quiet-log.ts';
import { System } from '../../src/testing/system/system.ts';
import { createWorkspace, disagreements, untilSettled, untilStatus } from '../../src/testing/system/workspaces.ts';
import { uniqueId } from '../../src/testing/temporal.ts';

const RECOVERY_MS = 90_000;
const never = new AbortController().signal;

describe.each(['process', 'docker'] as const)('the loops over boxes on %s', (kind) => {
  describe.skipIf(kind === 'docker' && !hasDocker())('keep what is there equal to the record', () => {
    let system: System;
    let image = '';
    /** What an operator has beside the platform: the same engine, or the same folder. */
    let outside: (owner: string) => BoxBackend;
    beforeAll(async () => {
      const env = {
        HOLDFAST_LOOPS_QUEUE: uniqueId('loops'),
        HEALTH_SWEEP_INTERVAL_MS: '2000',
        OFFLINE_RESTART_INTERVAL_MS: '2000',
      };
      system = await System.start({ backend: kind, env });
      if (kind === 'docker') {
        const docker = new Docker();
        image = await ensureAgentImage(docker);
        outside = (owner) => dockerBackend({ docker, owner, network: 'holdfast-test', log: quietLog });
      } else {
        const command = [process.execPath, path.join(root, 'services/agent/dist/main.js')] as const;
        const agent = { command: [...command] as [string, ...string[]], baseEnv: { PATH: process.env['PATH'] ?? '' } };
        outside = (owner) => processBackend({ owner, directory: path.join(system.directory, 'boxes'), agent });
      }
    }, 180_000);
    afterAll(() => system?.stop());

    const current = async (id: string) => (await system.db.workspace.findUniqueOrThrow({ where: { id } })).boxId;
    const aStray = async (backend: BoxBackend): Promise<BoxSpec> => {
      const spec: BoxSpec = {
        boxId: randomUUID(),
        workspaceId: randomUUID(),
        born: new Date(),
        runtime: 'reference',
        image,
        tier: 2,
        platform: { platformUrl: 'http://127.0.0.1:9' },
        env: {},
        config: { files: [], overwrite: true },
        credentials: { token: randomUUID(), inboundSecret: randomUUID() },
        workspaceDir: null,
        workspaceAccess: 'none',
        resetSession: false,
      };
      await backend.start(spec, never);
      return spec;
    };
    const isThere = async (backend: BoxBackend, { boxId }: BoxSpec) =>
      (await backend.list()).some((box) => box.boxId === boxId);

    test('a box that somebody removes is noticed, and its workspace comes back with another', async () => {
      const id = await createWorkspace(system, 'phoenix');
      await untilStatus(system, id, 'online');
      await untilSettled(system);
      const boxId = await current(id);
      // Made long enough ago for its death to be news.
      await system.db.box.update({ where: { id: boxId! }, data: { createdAt: new Date(Date.now() - 300_000) } });
      await outside(system.owner).stop({ boxId: boxId!, workspaceId: id, externalId: null });
      await waitFor(async () => (await current(id)) !== boxId, { timeoutMs: RECOVERY_MS, what: 'another box' });
      await untilStatus(system, id, 'online', RECOVERY_MS);
      await untilSettled(system, RECOVERY_MS);
      expect(await disagreements(system)).toEqual([]);
      const events = await system.db.structureEvent.findMany({ where: { workspaceId: id }, orderBy: { seq: 'asc' } });
      const online = ['WORKSPACE_PROVISIONING', 'WORKSPACE_ONLINE'];
      expect(events.map(({ eventType }) => eventType)).toEqual([...online, 'WORKSPACE_OFFLINE', ...online]);
    }, 180_000);

    test('a box that nobody knows is found on demand and removed, and another owner’s is not', async () => {
      const [ours, theirs] = [outside(system.owner), outside(uniqueId('stranger'))];
      const [stray, stranger] = [await aStray(ours), await aStray(theirs)];
      const sweep = (query: string) => system.api().call('POST', `/admin/sweep${query}`);
      const finding = {
        host: system.host,
        kind: 'box',
        box_id: stray.boxId,
        workspace_id: stray.workspaceId,
        backend: kind,
      };
      const dry = await sweep('?dry_run=true');
      expect(dry).toMatchObject({ status: 200, body: { dry_run: true, stopped: false } });
      // The loop may have been there first.
      if (await isThere(ours, stray)) expect(dry.body['findings']).toMatchObject([{ ...finding, done: false }]);
      expect((await sweep('')).status).toBe(200);
      await waitFor(async () => !(await isThere(ours, stray)));
      expect(await isThere(theirs, stranger)).toBe(true);
      await theirs.stop({ ...stranger, externalId: null });
      await theirs.removeVolumes(stranger.workspaceId, { purge: true });
      await ours.removeVolumes(stray.workspaceId, { purge: true });
      expect(await disagreements(system)).toEqual([]);
    });

    test('each says when it ticked last, and what it did', async () => {
      const liveness = async () => {
        const { body } = await system.api().call('GET', '/admin/liveness');
        return (body as unknown as { subsystems: Record<string, { detail: object }> }).subsystems;
      };
      // One tick may meet an engine that is busy, and says so; the next does not.
      const subsystems = await waitFor(
        async () => {
          const all = await liveness();
          const sweep = all[`health-sweep:${system.host}`]?.detail as { failed?: number } | undefined;
          return sweep?.failed === 0 ? all : undefined;
        },
        { timeoutMs: 30_000, what: 'a health sweep without a failure' },
      );
      expect(subsystems[`orphan-sweeper:${system.host}`]?.detail).toMatchObject({ stopped: false });
      expect(Object.keys(subsystems)).toEqual(expect.arrayContaining(['dispatcher', 'reality-check']));
    });
  });
});
