import type { Act, Claim } from './act.ts';
import { placesOf, type Scene } from './scene.ts';

const create = (name: string, cloud: string, ...more: string[]): string[] =>
  `workspace create ${name} --runtime reference --tier 2 --compute {"provider":"${cloud}"}`
    .split(' ')
    .concat(more, '--wait');

/** The workspace is online with one machine, which is in this cloud. */
const isOnline = (scene: Scene, workspace: string, cloud: string): Claim => ({
  says: `${workspace} is online on ${cloud} and has no other machine`,
  holds: scene.status[workspace] === 'online' && placesOf(scene, workspace).join() === cloud,
});

const ended = ({ latest }: Scene, kind: string, state: string): Claim => ({
  says: `the ${kind} ${state === 'compensated' ? 'was compensated' : state}`,
  holds: latest?.kind === kind && latest.state === state,
});

/** Of a switch: never two machines at once. */
const stoppedFirst = ({ latest }: Scene): Claim => {
  const done = latest?.steps.filter(({ state }) => state !== 'begun').map(({ step }) => step) ?? [];
  return {
    says: 'the old machine was stopped before the new one was asked for',
    holds: done.indexOf('settle') >= 0 && done.indexOf('settle') < done.indexOf('start'),
  };
};

/** Moving a workspace between clouds, once well and once not, and leaving nothing behind. */
export const acts: readonly Act[] = [
  {
    shows: 'A workspace comes online on aws.',
    command: create('scout', 'aws'),
    exit: 0,
    claims: (scene) => [ended(scene, 'provision', 'succeeded'), isOnline(scene, 'scout', 'aws')],
  },
  {
    shows: 'Another one below it comes online on gcp.',
    command: create('helper', 'gcp', '--parent', 'scout'),
    exit: 0,
    claims: (scene) => [
      ended(scene, 'provision', 'succeeded'),
      isOnline(scene, 'scout', 'aws'),
      isOnline(scene, 'helper', 'gcp'),
    ],
  },
  {
    shows: 'The first one moves to hetzner.',
    command: ['workspace', 'switch', 'scout', '--to', 'hetzner', '--wait'],
    exit: 0,
    claims: (scene) => [ended(scene, 'switch', 'succeeded'), stoppedFirst(scene), isOnline(scene, 'scout', 'hetzner')],
  },
  {
    shows: 'It is to move on to gcp, whose quota is used up: the switch is undone, and it is back on hetzner.',
    before: (stage) => stage.cloud('gcp').faults.plan('create', 'quota'),
    command: ['workspace', 'switch', 'scout', '--to', 'gcp', '--wait'],
    exit: 1,
    claims: (scene) => [
      ended(scene, 'switch', 'compensated'),
      {
        says: 'it says why: the quota',
        holds: scene.latest?.failure?.text.includes('QUOTA_EXCEEDED') ?? false,
      },
      isOnline(scene, 'scout', 'hetzner'),
      isOnline(scene, 'helper', 'gcp'),
    ],
  },
  {
    shows: 'What happened to it, and why.',
    command: ['workspace', 'history', 'scout'],
    exit: 0,
    claims: () => [],
  },
  {
    shows: 'Both are deleted.',
    command: ['workspace', 'delete', 'scout', '--yes', '--wait'],
    exit: 0,
    claims: (scene) => [
      { says: 'no workspace is left', holds: Object.keys(scene.status).length === 0 },
      { says: 'all clouds are empty', holds: scene.clouds.every(({ machines }) => machines.length === 0) },
      { says: `ledger: ${scene.boxes.length} live boxes`, holds: scene.boxes.length === 0 },
    ],
  },
];
