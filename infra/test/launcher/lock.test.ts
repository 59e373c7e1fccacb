import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readlinkSync, rmSync, symlinkSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { lockData } from '@holdfast/infra/launcher/lock';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { root } from '../../src/root.ts';

const ROUNDS = 300;
const ROUND_MS = 5;

let data: string;
beforeEach(() => {
  data = mkdtempSync(path.join(os.tmpdir(), 'holdfast-lock-'));
});
afterEach(() => rmSync(data, { recursive: true }));

const lockOf = (folder: string) => path.join(folder, 'launcher.lock');
/** What a launcher that was killed has left. */
function leaveStale(folder: string): void {
  mkdirSync(folder, { recursive: true });
  symlinkSync('1 of-another-boot', lockOf(folder));
}

/** A launcher that takes the lock of one folder after another, each at its time; prints which it got. */
const racer = (from: number) => `
  import { lockData } from '${path.join(root, 'infra/src/launcher/lock.ts')}';
  const got = [];
  for (let round = 0; round < ${ROUNDS}; round += 1) {
    while (Date.now() < ${from} + round * ${ROUND_MS});
    try {
      lockData('${data}/' + round);
      got.push(round);
    } catch {}
  }
  console.log(JSON.stringify(got));
  process.stdin.resume();`;

test('of several launchers that find a stale lock at the same time one takes it', async () => {
  for (let round = 0; round < ROUNDS; round += 1) leaveStale(path.join(data, String(round)));
  const from = Date.now() + 1_500;
  const racers = Array.from({ length: 3 }, () => {
    const running = promisify(execFile)(process.execPath, ['--input-type=module-typescript', '-e', racer(from)]);
    const { child } = running;
    // Each holds what it got until all are done: a dead owner's lock may be taken.
    const done = new Promise<void>((resolve) => child.stdout?.once('data', () => resolve()));
    return { running, done, end: () => child.stdin?.end() };
  });
  await Promise.all(racers.map(({ done, running }) => Promise.race([done, running])));
  for (const { end } of racers) end();
  const got = (await Promise.all(racers.map(({ running }) => running))).flatMap(
    ({ stdout }) => JSON.parse(stdout) as number[],
  );
  expect(got.toSorted((a, b) => a - b)).toEqual(Array.from({ length: ROUNDS }, (_, round) => round));
});

test('a stale lock is taken and given back, and nothing is left of either', () => {
  leaveStale(data);
  const giveBack = lockData(data);
  expect(readlinkSync(lockOf(data))).toMatch(new RegExp(`^${process.pid} `));
  expect(() => lockData(data)).toThrow('Holdfast runs here already');
  giveBack();
  lockData(data)();
  expect(readdirSync(data)).toEqual([]);
});
