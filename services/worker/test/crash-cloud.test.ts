import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { CLOUD_START_MS } from '@holdfast/infra/testing/clouds/index';
import type { CloudProvider } from '@holdfast/workflows/box/box';
import { allCases, cloudCases } from './support/crash-cases.ts';
import { type Lane, openCloudLane } from './support/crash-lane.ts';
import { runCase, titleOf } from './support/crash-run.ts';

const cases = process.env['HOLDFAST_CRASH_MATRIX'] === 'full' ? allCases : cloudCases;
const clouds = ['aws', 'hetzner', 'gcp'] as const satisfies readonly CloudProvider[];
/** A killed worker holds up what else is in its lane, and every machine is a process of its own. */
const IN_A_LANE = 5;
/** HOLDFAST_CRASH_LANES asks for another number of lanes, each of which has three clouds of its own. */
const lanes: Lane[] = [];
const laneCount = Number(process.env['HOLDFAST_CRASH_LANES'] ?? 1);
vi.setConfig({ maxConcurrency: laneCount * IN_A_LANE });

const machines = () => lanes.flatMap((lane) => lane.clouds?.machines() ?? []);

beforeAll(async () => {
  lanes.push(...(await Promise.all(Array.from({ length: laneCount }, () => openCloudLane()))));
}, CLOUD_START_MS);
afterAll(async () => {
  const deaths = lanes.reduce((sum, lane) => sum + lane.deaths(), 0);
  console.log(`${cases.length} cases in clouds, ${deaths} workers died, ${machines().length} machines left`);
  await Promise.all(lanes.map((lane) => lane[Symbol.asyncDispose]()));
}, 60_000);

describe.concurrent('in clouds, whatever goes wrong once, the operation ends and leaves no machine but its own', () => {
  test.for(
    cases.map((each, place) => {
      const provider = clouds[place % clouds.length]!;
      return [`${titleOf(each)}, on ${provider}`, each, { place, provider }] as const;
    }),
  )('%s', { timeout: 300_000 }, ([, each, { place, provider }], { expect: check }) =>
    runCase(lanes[place % lanes.length]!, each, { check, provider }),
  );
});

test('when all is over, there is no machine in any cloud and no live row on the ledger', async () => {
  expect(machines()).toEqual([]);
  const live = lanes.map(({ db }) => db.box.count({ where: { state: { not: 'gone' } } }));
  expect(await Promise.all(live)).toEqual(lanes.map(() => 0));
});
