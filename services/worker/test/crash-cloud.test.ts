import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { CLOUD_START_MS } from '@holdfast/infra/testing/clouds/index';
import type { CloudProvider } from '@holdfast/workflows/box/box';
import { allCases, cloudCases } from './support/crash-cases.ts';
import { type Lane, openCloudLane } from './support/crash-lane.ts';
import { runCase, titleOf } from './support/crash-run.ts';

const cases = process.env['HOLDFAST_CRASH_MATRIX'] === 'full' ? allCases : cloudCases;
const clouds = ['aws', 'hetzner', 'gcp'] as const satisfies readonly CloudProvider[];
/** A killed worker holds up what else is in its lane, and every machine is a process of its own. */
vi.setConfig({ maxConcurrency: 5 });

let lane: Lane;
beforeAll(async () => {
  lane = await openCloudLane();
}, CLOUD_START_MS);
afterAll(async () => {
  const left = lane.clouds?.machines().length;
  console.log(`${cases.length} cases on clouds, ${lane.deaths()} workers died, ${left} machines left`);
  await lane[Symbol.asyncDispose]();
}, 60_000);

describe.concurrent('in clouds, whatever goes wrong once, the operation ends and leaves no machine but its own', () => {
  test.for(
    cases.map((each, place) => {
      const provider = clouds[place % clouds.length]!;
      return [`${titleOf(each)}, on ${provider}`, each, provider] as const;
    }),
  )('%s', { timeout: 300_000 }, ([, each, provider], { expect: check }) => runCase(lane, each, { check, provider }));
});

test('when all is over, there is no machine in any cloud and no live row on the ledger', async () => {
  expect(lane.clouds?.machines()).toEqual([]);
  expect(await lane.db.box.count({ where: { state: { not: 'gone' } } })).toBe(0);
});
