import type { HostLoops } from '@holdfast/activities/box/host-loops';
import { pino } from 'pino';
import { expect, test } from 'vitest';
import { readConfig } from './config.ts';
import { scheduledLoops } from './loops.ts';

const never = (): Promise<never> => Promise.reject(new Error('nothing ticks here'));
const inClouds: HostLoops = { checkHealth: never, sweep: never, refresh: never, watchImages: never };

/** The names of the loops of a worker, without its owner. */
function namesOf(environment: Record<string, string>, hostLoops: HostLoops | undefined): string[] {
  const config = readConfig({
    DATABASE_URL: 'postgresql://localhost/holdfast',
    SECRETS_ENCRYPTION_KEY: Buffer.alloc(32, 1).toString('base64'),
    HOLDFAST_OWNER: 'me',
    HOLDFAST_WORKFLOW_BUNDLE: 'bundle.js',
    ...environment,
  });
  const unused = {} as never;
  const { schedules } = scheduledLoops({
    config,
    db: unused,
    client: unused,
    poker: unused,
    log: pino({ level: 'silent' }),
    deadlineMs: () => 600_000,
    hostLoops,
    finishOwed: never,
    observe: never,
  });
  return schedules.map(({ id }) => id.replace('me:', ''));
}

/** What looks at rows only, and so is wanted wherever boxes are. */
const ofRows = ['provision-timeout-sweep', 'liveness-monitor', 'remote-liveness', 'hibernation-monitor'];

test('a worker without any backend looks after external agents, idle workspaces and late ones', () => {
  const names = namesOf({ BACKEND: 'none' }, undefined);
  expect(names).toEqual(expect.arrayContaining(ofRows));
  expect(names.filter((name) => name.startsWith('health-sweep'))).toEqual([]);
});

test('a worker whose boxes are in clouds does so as well, and looks after those boxes', () => {
  const cloud = {
    BACKEND: 'control-plane',
    MOLECULE_ORG_ID: 'acme',
    MOLECULE_CP_SHARED_SECRET: 'a-secret-of-acme',
    PLATFORM_URL: 'https://acme.example.com/',
  };
  expect(namesOf(cloud, inClouds)).toEqual(
    expect.arrayContaining([...ofRows, 'health-sweep:control-plane', 'orphan-sweeper:control-plane']),
  );
});
