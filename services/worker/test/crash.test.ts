import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { createCipher } from '@holdfast/activities/secret/cipher';
import { waitFor } from '@holdfast/infra/testing/index';
import { workflowId } from '@holdfast/workflows/operation/operation';
import { type StepCall, stepCalls, stepRegistry } from '@holdfast/workflows/operation/step-registry';
import { recordsOf } from './support/compose.ts';
import { allCases, type CrashCase, fixedCases, uncovered } from './support/crash-cases.ts';
import { type Lane, openLane } from './support/crash-lane.ts';
import { stories } from './support/crash-stories.ts';
import { folderBoxes } from './support/folder-boxes.ts';
import { Folder } from './support/folder-backend.ts';
import { ended } from './support/given.ts';
import { eventsOf } from './support/world.ts';

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

  test('tell of each story whole steps: none is named that its verb does not take', () => {
    for (const { steps } of stories) for (const call of steps) expect(stepCalls).toContain(call);
  });
});

const titleOf = ({ story, call, point }: CrashCase): string => `${story.name}, ${call}: ${point}`;

describe.concurrent('whatever goes wrong once, the operation ends, the row is settled and the ledger is what is there', () => {
  test.for(cases.map((each, place) => [titleOf(each), each, place] as const))(
    '%s',
    { timeout: 300_000 },
    async ([, each, place], { expect: check }) => {
      const lane = lanes[place % lanes.length]!;
      const { db, stage, folder, faults } = lane;
      const { story, call, point } = each;
      const actor = await stage.enter(story);
      const { id } = actor;
      if (story.refusedStart) folder.refuse(id);
      if (story.hostAway) await stage.takeHostAway(id);
      if (call !== 'poke' && point !== 'clientGone') faults.plan(id, { call, point });
      let asked: string | null = null;
      for (const ask of story.asks) asked = (await stage.ask(ask, actor)) ?? asked;
      if (point !== 'clientGone') await stage.poke(actor);
      const about = story.about === 'running' || story.kind === 'provision' ? actor.running : asked;
      check(await ended(db, about ?? '', 150_000)).toBe(story.state);
      if (point !== 'clientGone') await waitFor(() => faults.hasHappened(id), { what: 'the planned fault' });
      if (story.hostAway) await stage.moveBoxes(id, lane.host);
      await settled(lane, id, story.boxes);
      const row = await db.workspace.findUnique({ where: { id } });
      check(row?.status ?? null).toBe(story.status);
      check(row?.operationId ?? null).toBeNull();
      check(row?.boxId ?? null).toBe(story.boxes === 1 ? stage.boxesOf(id)[0]?.boxId : null);
      check(await eventsOf(lane, id)).toEqual(story.events);
      await runIsOver(lane, id);
    },
  );
});

/** The sweeper of the workers pays what is owed; then the ledger, the boxes there are and the wish agree. */
async function settled({ db, stage }: Lane, workspaceId: string, wanted: number): Promise<void> {
  await waitFor(
    async () => {
      const rows = await db.box.findMany({ where: { workspaceId, state: { not: 'gone' } } });
      const real = stage.boxesOf(workspaceId);
      return (
        rows.length === wanted &&
        real.length === wanted &&
        rows.every((row) => row.id === real[0]?.boxId && row.state === 'running')
      );
    },
    { timeoutMs: 120_000, everyMs: 100, what: `the ledger of ${workspaceId} to be what is there` },
  );
}

const closings: Record<string, string> = { failed: 'FAILED', cancelled: 'CANCELLED' };

/** Nothing goes on under the workspace's id, and how its last run closed is what the rows say. */
async function runIsOver({ db, client }: Lane, workspaceId: string): Promise<void> {
  const handle = client.workflow.getHandle(workflowId(workspaceId));
  await handle.result().catch(() => undefined);
  const { status, runId } = await handle.describe();
  const operations = await db.operation.findMany({ where: { workspaceId } });
  const last = operations.find((operation) => operation.runId === runId);
  expect(status.name).toBe(closings[last?.state ?? ''] ?? 'COMPLETED');
  expect(operations.every(({ state }) => state !== 'accepted' && state !== 'running')).toBe(true);
}
