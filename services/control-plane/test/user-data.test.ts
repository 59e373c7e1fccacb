import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { bootScript } from '../src/boot/boot-script.ts';
import { userData } from '../src/boot/user-data.ts';
import type { ProviderName } from '../src/provider/port.ts';

const EBS = 'nvme-Amazon_Elastic_Block_Store_';
const INSTANCE_STORE = 'nvme-Amazon_EC2_NVMe_Instance_Storage_AWS1';

let machine: string;
beforeEach(() => {
  machine = mkdtempSync(path.join(os.tmpdir(), 'holdfast-machine-'));
  for (const folder of ['bin', 'dev/disk/by-id', 'etc']) mkdirSync(path.join(machine, folder), { recursive: true });
});
afterEach(() => rmSync(machine, { recursive: true }));

/** A command of the machine, which notes how it was called. */
function command(name: string, body: string): void {
  const file = path.join(machine, 'bin', name);
  writeFileSync(file, `#!/bin/sh\necho "${name} $*" >> ${machine}/called\n${body}\n`);
  chmodSync(file, 0o700);
}

function device(name: string, ...links: readonly string[]): void {
  writeFileSync(path.join(machine, 'dev', name), '');
  for (const link of links) symlinkSync(path.join(machine, 'dev', name), path.join(machine, 'dev', link));
}

/** A script whose machine is that folder. */
const onMachine = (script: string): string =>
  script
    .replaceAll(/(?<![\w}])\/(?=(?:dev|etc|run|var)\/)/g, `${machine}/`)
    .replaceAll(`${machine}/dev/null`, '/dev/null');

const byId = (name: string) => `disk/by-id/${name}`;
/** Partitioned, as the disk that a machine starts from is. */
function rootVolume(): void {
  device('nvme0n1', byId(`${EBS}vol0root`), byId(`${EBS}vol0root_1`));
  device('nvme0n1p1', byId(`${EBS}vol0root-part1`), byId(`${EBS}vol0root_1-part1`));
}

/** Boots it; says which disk was formatted and mounted. `onWait` is what comes of the time that it waits. */
function boot(provider: ProviderName, onWait = ''): { disk: string | null; said: string } {
  command('docker', '[ "$1" = run ]');
  command('blkid', 'exit 2');
  command('mkfs.ext4', '');
  command('mount', '');
  command('curl', `printf 'HOLDFAST_NAMES=\\nHOLDFAST_IMAGE=image\\n' > ${machine}/run/holdfast/box`);
  command('sleep', onWait);
  const script = onMachine(userData({ url: 'http://control-plane', nonce: 'nonce', diskOf: provider }));
  const { status } = spawnSync('sh', ['-c', script], { env: { PATH: `${machine}/bin:${process.env['PATH']}` } });
  const read = (file: string) => execFileSync('sh', ['-c', `cat ${machine}/${file} 2> /dev/null || true`]).toString();
  const disk =
    / (\S+)\n?$/m.exec(read('called').match(/^mkfs.*$/m)?.[0] ?? '')?.[1]?.replace(`${machine}/`, '/') ?? null;
  expect(status).toBe(disk === null ? 1 : 0);
  if (disk !== null) expect(readFileSync(path.join(machine, 'etc/fstab'), 'utf8')).toContain(`${disk} `);
  return { disk, said: read('run/holdfast/boot.log') };
}

describe('the data disk of a machine', () => {
  test('at aws is the volume that comes once it runs, never the instance store that was there from the start', () => {
    rootVolume();
    device('nvme1n1', byId(INSTANCE_STORE), byId(`${INSTANCE_STORE}_ns_1`));
    const attached = `: > ${machine}/dev/nvme2n1; ln -sf ${machine}/dev/nvme2n1 ${machine}/dev/${byId(`${EBS}vol1data`)}`;
    expect(boot('aws', attached).disk).toBe(`/dev/${byId(`${EBS}vol1data`)}`);
  });

  test('at aws is waited for, and neither its own disk nor an instance store is taken for it', () => {
    rootVolume();
    device('nvme1n1', byId(INSTANCE_STORE));
    expect(boot('aws')).toMatchObject({ disk: null, said: expect.stringContaining('the data disk is not there') });
  });

  test.each(['sdf', 'xvdf'])('at aws is %s where the machine calls its disks as they were attached', (name) => {
    rootVolume();
    device('nvme1n1', byId(`${EBS}vol1data`));
    device(name);
    expect(boot('aws').disk).toBe(`/dev/${name}`);
  });

  test.each([
    ['hetzner', byId('scsi-0HC_Volume_1234')],
    ['gcp', byId('google-holdfast-data')],
  ] as const)('at %s is the one of its name, whatever else is there', (provider, name) => {
    for (const other of ['nvme1n1', 'sdf']) device(other);
    device('sdb', name);
    expect(boot(provider).disk).toBe(`/dev/${name}`);
  });
});

describe('a machine that boots', () => {
  const SECRET = 'a secret of "one" box';
  const fetched = bootScript({
    image: 'registry/agent:test',
    env: { API_KEY: SECRET, WORKSPACE_ID: 'a-workspace' },
    files: { 'config.yaml': Buffer.from('name: scout\n').toString('base64') },
  });
  const read = (file: string) => readFileSync(path.join(machine, file), 'utf8');
  const started = (options: { docker: string; hasBox?: boolean }) => {
    mkdirSync(path.join(machine, 'run/holdfast'), { recursive: true });
    writeFileSync(path.join(machine, 'fetched'), onMachine(fetched));
    command('docker', `[ "$1" = run ] && env > ${machine}/seen\n${options.docker}`);
    const fetches = options.hasBox === false ? 'exit 22' : `cp ${machine}/fetched ${machine}/run/holdfast/box`;
    command('curl', `case "$*" in */failed) exit 0 ;; esac\n${fetches}`);
    const script = userData({ url: 'http://control-plane/cp/boot/a-box', nonce: 'a-nonce', diskOf: null });
    const { status } = spawnSync('sh', ['-c', onMachine(script)], {
      env: { PATH: `${machine}/bin:${process.env['PATH']}` },
    });
    return { status, called: read('called').trim().split('\n') };
  };
  const runs = '[ "$1" = run ]';

  test('shows its nonce where it fetches its environment, and gives it to its agent by names alone', () => {
    const { status, called } = started({ docker: runs });
    expect(status).toBe(0);
    const [fetch = ''] = called.filter((call) => call.startsWith('curl '));
    expect(fetch).toContain('-X POST -H X-Holdfast-Nonce: a-nonce -H Accept: text/x-shellscript');
    expect(fetch).toMatch(/-o \S+\/run\/holdfast\/box http:\/\/control-plane\/cp\/boot\/a-box$/);
    const [run = ''] = called.filter((call) => call.startsWith('docker run '));
    expect(run).toContain('--restart unless-stopped --publish 8000:8000');
    expect(run).toMatch(/ --env API_KEY --env WORKSPACE_ID registry\/agent:test$/);
    expect(called.join('\n')).not.toContain(SECRET);
    expect(read('seen').split('\n')).toEqual(expect.arrayContaining([`API_KEY=${SECRET}`, 'WORKSPACE_ID=a-workspace']));
    expect(read('var/lib/holdfast/configs/config.yaml')).toBe('name: scout\n');
  });

  test('keeps no file that its secrets are in, not even when its agent does not start', () => {
    for (const docker of [runs, 'exit 125']) {
      started({ docker });
      rmSync(path.join(machine, 'fetched'));
      rmSync(path.join(machine, 'seen'));
      expect(execFileSync('sh', ['-c', `grep -rl 'a secret' ${machine} || true`]).toString()).toBe('');
      expect(existsSync(path.join(machine, 'run/holdfast/box'))).toBe(false);
    }
  });

  test('that gets no environment starts no agent, and reports that with its nonce', () => {
    const { status, called } = started({ docker: runs, hasBox: false });
    expect(status).toBe(1);
    expect(called.filter((call) => call.startsWith('docker run'))).toEqual([]);
    expect(called.filter((call) => call.endsWith('http://control-plane/cp/boot/a-box/failed'))).toEqual([
      expect.stringContaining('-H X-Holdfast-Nonce: a-nonce '),
    ]);
  });

  test('for a second time fetches nothing: its agent comes back by itself', () => {
    const { status, called } = started({ docker: 'exit 0' });
    expect([status, called]).toEqual([0, ['docker container inspect holdfast']]);
  });
});
