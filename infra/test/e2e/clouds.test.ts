import { afterAll, beforeAll, expect, test } from 'vitest';
import { waitFor } from '../../src/process/wait-for.ts';
import { CLOUD_START_MS } from '../../src/testing/clouds/index.ts';
import { System } from '../../src/testing/system/system.ts';
import { createWorkspace, disagreements, untilSettled, untilStatus } from '../../src/testing/system/workspaces.ts';

let system: System;
beforeAll(async () => {
  system = await System.start({ backend: 'control-plane', gateways: 2, workers: 2 });
}, CLOUD_START_MS);
afterAll(() => system?.stop(), 60_000);

const ask = async (verb: string, id: string, body?: object): Promise<void> => {
  const { status, body: answer } = await system.api().call('POST', `/workspaces/${id}/${verb}`, { body: body ?? {} });
  expect([200, 202], `${verb}: ${JSON.stringify(answer)}`).toContain(status);
};

/** The cloud that each of these has its only machine in; of one that has none, or several, that. */
async function placesOf(ids: readonly string[]): Promise<string[]> {
  const machines = new Map(system.clouds?.machines().map((machine) => [machine.boxId, machine.provider]));
  const real = await system.realBoxes();
  return ids.map((id) =>
    real.flatMap(({ boxId, workspaceId }) => (workspaceId === id ? [machines.get(boxId)] : [])).join(' and '),
  );
}

const eachIs = async (status: string, ids: readonly string[]): Promise<void> => {
  await Promise.all(ids.map((id) => untilStatus(system, id, status)));
  await untilSettled(system);
  expect(await disagreements(system)).toEqual([]);
};

test(
  'a tree over three clouds goes through every verb, and leaves no machine anywhere',
  { timeout: 240_000 },
  async () => {
    const scout = await createWorkspace(system, 'scout', { compute: { provider: 'aws' } });
    const helper = await createWorkspace(system, 'helper', { parent_id: scout, compute: { provider: 'hetzner' } });
    const hand = await createWorkspace(system, 'hand', { parent_id: helper, compute: { provider: 'gcp' } });
    const tree = [scout, helper, hand];
    const boxes = async () => (await system.realBoxes()).map(({ boxId }) => boxId);
    await eachIs('online', tree);
    expect(await placesOf(tree)).toEqual(['aws', 'hetzner', 'gcp']);

    const first = await boxes();
    await Promise.all(tree.map((id) => ask('restart', id)));
    await waitFor(async () => !(await boxes()).some((id) => first.includes(id)), {
      timeoutMs: 60_000,
      what: 'new machines',
    });
    await eachIs('online', tree);
    expect(await placesOf(tree)).toEqual(['aws', 'hetzner', 'gcp']);

    await ask('pause', scout);
    await eachIs('paused', tree);
    expect(system.clouds?.machines()).toEqual([]);
    await ask('resume', scout);
    await eachIs('online', tree);

    await Promise.all(tree.map((id) => ask('hibernate', `${id}`)));
    await eachIs('hibernated', tree);
    expect(system.clouds?.machines()).toEqual([]);
    await Promise.all(tree.map((id) => ask('wake', id)));
    await eachIs('online', tree);

    await ask('switch-provider', scout, { provider: 'hetzner' });
    await ask('switch-provider', helper, { provider: 'gcp' });
    await ask('switch-provider', hand, { provider: 'aws' });
    await eachIs('online', tree);
    await waitFor(async () => (await placesOf(tree)).join() === 'hetzner,gcp,aws', { what: 'all in their new clouds' });
    await eachIs('online', tree);

    const { status } = await system.api().call('DELETE', `/workspaces/${scout}?confirm=true`);
    expect(status).toBe(200);
    await eachIs('removed', tree);
    expect(system.clouds?.machines()).toEqual([]);
    expect(await system.db.box.count({ where: { state: { not: 'gone' } } })).toBe(0);
  },
);
