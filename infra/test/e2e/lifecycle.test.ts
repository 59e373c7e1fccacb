import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CLOUD_START_MS } from '../../src/testing/clouds/index.ts';
import { atSomeInstant, chanceOf } from '../../src/testing/chance.ts';
import { everyVerb } from './every-verb.ts';
import { hasDocker } from '../../src/testing/provided.ts';
import { System } from '../../src/testing/system/system.ts';
import {
  createWorkspace,
  disagreements,
  reference,
  untilSettled,
  untilStatus,
} from '../../src/testing/system/workspaces.ts';
import { waitFor } from '../../src/process/wait-for.ts';

describe.each(['process', 'docker', 'control-plane'] as const)('boxes by %s', (backend) => {
  describe.skipIf(backend === 'docker' && !hasDocker())('two gateways and two workers', () => {
    let system: System;
    beforeAll(async () => {
      system = await System.start({ backend, gateways: 2, workers: 2 });
    }, CLOUD_START_MS);
    afterAll(() => system?.stop());

    test('a workspace comes online, answers messages, and is deleted without a trace', async () => {
      const id = await createWorkspace(system, 'whole-life', { secrets: { GREETING: 'hello' } });
      await untilStatus(system, id, 'online');
      expect((await system.realBoxes()).filter(({ workspaceId }) => workspaceId === id)).toHaveLength(1);

      const { url } = await system.db.workspace.findUniqueOrThrow({ where: { id } });
      const message = {
        jsonrpc: '2.0',
        id: 1,
        method: 'message/send',
        params: { message: { role: 'user', parts: [{ kind: 'text', text: 'are you there' }] } },
      };
      const answer = await fetch(String(url), {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(message),
      });
      expect(JSON.stringify(await answer.json())).toContain('are you there');

      const deleted = await system.api().call('DELETE', `/workspaces/${id}?confirm=true&purge=true`);
      expect(deleted).toMatchObject({ status: 200, body: { status: 'purged', cascade_deleted: 0 } });
      expect(await system.db.workspace.count({ where: { id } })).toBe(0);
      await untilSettled(system);
      expect(await disagreements(system)).toEqual([]);
      expect(await system.realBoxes()).toEqual([]);
    });

    test('incidents 2 and 5: a tree goes through every verb, and leaves no box anywhere', { timeout: 240_000 }, () =>
      everyVerb(system),
    );

    test('a hundred concurrent creates under one key make one workspace, one box and equal answers', async () => {
      const key = `burst-${backend}`;
      const body = reference('burst');
      const answers = await Promise.all(
        Array.from({ length: 100 }, (_, index) => system.api(index % 2).call('POST', '/workspaces', { body, key })),
      );
      expect(new Set(answers.map(({ status, body: answer }) => JSON.stringify([status, answer])))).toHaveProperty(
        'size',
        1,
      );
      const id = String(answers[0]?.body['id']);
      await untilStatus(system, id, 'online');
      expect(await system.db.workspace.count({ where: { name: 'burst' } })).toBe(1);
      expect((await system.realBoxes()).filter(({ workspaceId }) => workspaceId === id)).toHaveLength(1);
    });

    test('the operation tells its steps in order, and both gateways tell the same', async () => {
      const id = await createWorkspace(system, 'story');
      await untilStatus(system, id, 'online');
      const operations = await waitFor(async () => {
        const { body } = await system.api(0).call('GET', `/workspaces/${id}/operations`);
        const list = (Array.isArray(body) ? body : (body['operations'] as unknown[])) as {
          id: string;
          state: string;
        }[];
        return list.every(({ state }) => state === 'succeeded') && list.length > 0 ? list : undefined;
      });
      const path = `/operations/${operations[0]?.id}`;
      const [one, other] = await Promise.all([system.api(0).call('GET', path), system.api(1).call('GET', path)]);
      expect(one.body).toEqual(other.body);
      const steps = await system.db.operationStep.findMany({
        where: { operationId: operations[0]?.id ?? '' },
        orderBy: { seq: 'asc' },
      });
      expect(steps.map(({ step, state }) => `${step} ${state}`)).toEqual([
        'begin done',
        'cycle begun',
        'prepare begun',
        'prepare done',
        'mint done',
        'start begun',
        'start done',
        'finish done',
      ]);
    });

    test('a delete that meets a provision under way leaves nothing, whenever it comes', async () => {
      const luck = chanceOf('delete while provisioning');
      const rounds = backend === 'process' ? 8 : 3;
      for (let round = 0; round < rounds; round += 1) {
        const id = await createWorkspace(system, `race-${round}`);
        await atSomeInstant(luck, 400);
        const { status, body } = await system.api().call('DELETE', `/workspaces/${id}`);
        expect({ status, body }).toMatchObject({ status: 200, body: { status: 'removed' } });
      }
      await untilSettled(system);
      expect(await disagreements(system)).toEqual([]);
    });
  });
});
