import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { createCipher } from '@holdfast/activities/secret/cipher';
import { type StepCall, stepCalls, stepRegistry } from '@holdfast/workflows/operation/step-registry';
import { recordsOf } from './support/compose.ts';
import { allCases, fixedCases, uncovered } from './support/crash-cases.ts';
import { type Lane, openLane } from './support/crash-lane.ts';
import { runCase, titleOf } from './support/crash-run.ts';
import { stories } from './support/crash-stories.ts';
import { folderBoxes } from './support/folder-boxes.ts';
import { Folder } from './support/folder-backend.ts';

const cases = process.env['HOLDFAST_CRASH_MATRIX'] === 'full' ? allCases : fixedCases;
/** A killed worker holds up what else is in its lane, so there are few at a time in each. */
const IN_A_LANE = 5;
/** HOLDFAST_CRASH_LANES asks for another number of lanes, each of which keeps about one core busy. */
const lanes: Lane[] = [];
const laneCount = Number(process.env['HOLDFAST_CRASH_LANES'] ?? 2);
vi.setConfig({ maxConcurrency: laneCount * IN_A_LANE });

beforeAll(async () => {
  lanes.push(...(await Promise.all(Array.from({ length: laneCount }, () => openLane()))));
}, 120_000);
afterAll(async () => {
  console.log(`${cases.length} cases, ${lanes.reduce((sum, { deaths }) => sum + deaths(), 0)} workers died`);
  await Promise.all(lanes.map((lane) => lane[Symbol.asyncDispose]()));
}, 60_000);

describe('the registry', () => {
  test('has a row for every function of the ports, each under a name of its own', () => {
    const [{ db, host }] = lanes as [Lane];
    const cipher = createCipher(randomBytes(32).toString('base64'));
    const directory = mkdtempSync(path.join(os.tmpdir(), 'holdfast-registry-'));
    const records = recordsOf(db, cipher, { deadlineMs: 0, settleMs: 0, startMs: 0 });
    const { port } = folderBoxes({ db, cipher, host, folder: new Folder(directory) });
    rmSync(directory, { recursive: true });
    expect([...Object.keys(records), ...Object.keys(port)].sort()).toEqual([...stepCalls].sort());
    for (const call of Object.keys(port)) expect(stepRegistry[call as StepCall].acts).toBe('box');
    expect(new Set(stepCalls.map((call) => stepRegistry[call].step)).size).toBe(stepCalls.length);
  });
});

describe('the cases', () => {
  test('cover every step of the registry, for every verb that takes it', () => {
    expect(uncovered(allCases)).toEqual([]);
  });

  test('of every run hold each step at least once, at the kill after its commit, and so each story', () => {
    const killed = fixedCases.filter(({ point }) => point === 'killedAfterCommit');
    expect([...new Set(killed.map(({ call }) => call))].sort()).toEqual([...stepCalls].sort());
    expect(new Set(killed.map(({ story }) => story)).size).toBe(stories.length);
  });

  test('of every run hold each step that can fail without a kill at least once so', () => {
    const failing = fixedCases.filter(({ point }) => point === 'beforeEffect' || point === 'answerLost');
    expect([...new Set(failing.map(({ call }) => call))].sort()).toEqual([...stepCalls].sort());
    expect(new Set(failing.map(({ point }) => point)).size).toBe(2);
  });

  test('tell of each story whole steps: none is named that its verb does not take', () => {
    for (const { steps } of stories) for (const call of steps) expect(stepCalls).toContain(call);
  });
});

describe.concurrent('whatever goes wrong once, the operation ends, the row is settled and the ledger is what is there', () => {
  test.for(cases.map((each, place) => [titleOf(each), each, place] as const))(
    '%s',
    { timeout: 300_000 },
    ([, each, place], { expect: check }) => runCase(lanes[place % lanes.length]!, each, { check }),
  );
});
