import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type TestWorker, testTemporal, testWorker, uniqueId } from '@holdfast/infra/testing/index';
import type { Refreshed, RefreshOrder } from '@holdfast/workflows/loop/images';
import type { HostSweep, SweepOrder } from '@holdfast/workflows/loop/sweep';
import { hostQueue } from '@holdfast/workflows/operation/operation';
import { createLoopRuns } from '../src/core/loop-runs.ts';
import { openTemporal, type Temporal } from '../src/core/temporal.ts';
import { type TestGateway, testGateway } from './support/gateway.ts';
import { addBackend } from './support/given.ts';

const { address, namespaces } = testTemporal();
const loopsQueue = uniqueId('loops');
const host = uniqueId('host');
/** For a worker to take something up, where one is there and where none is. */
const PATIENCE_MS = 15_000;
const HOPELESS_MS = 1_000;

/** What the host was told, and what it says. */
let told: unknown[] = [];
let sweepSays: Partial<HostSweep> = {};
let refreshSays: Partial<Refreshed> = {};
/** A host without a worker, for a test that wants one. */
let away: string[] = [];
let busy: Promise<void> = Promise.resolve();

let temporal: Temporal;
let gateway: TestGateway;
let deserted: TestGateway;
let workers: TestWorker[];
beforeAll(async () => {
  temporal = openTemporal(address, namespaces);
  gateway = await testGateway({
    loops: createLoopRuns(temporal.loops, loopsQueue),
    settings: { answerWaitMs: PATIENCE_MS },
  });
  deserted = await testGateway({
    loops: createLoopRuns(temporal.loops, uniqueId('nobody')),
    settings: { answerWaitMs: HOPELESS_MS },
  });
  for (const { db } of [gateway, deserted]) await addBackend(db, 'docker', host);
  const namespace = namespaces.loops;
  const empty = { host, fleet: 0, orphans: 0, done: 0, stopped: false, why: [], failed: [], findings: [] };
  workers = await Promise.all([
    testWorker({
      namespace,
      taskQueue: loopsQueue,
      workflows: true,
      activities: { listHosts: () => Promise.resolve([host, ...away]) },
    }),
    testWorker({
      namespace,
      taskQueue: hostQueue(host),
      workflows: false,
      activities: {
        sweepHost: async (order: SweepOrder): Promise<HostSweep> => {
          told.push(order);
          await busy;
          return { ...empty, ...sweepSays };
        },
        refreshHost: async (order: RefreshOrder): Promise<Refreshed> => {
          told.push(order);
          return { pulled: [], failed: [], recreated: [], ...refreshSays };
        },
      },
    }),
  ]);
});
beforeEach(() => {
  [told, sweepSays, refreshSays, away, busy] = [[], {}, {}, [], Promise.resolve()];
});
afterAll(async () => {
  await Promise.all(workers.map((worker) => worker.stop()));
  await Promise.all([gateway.close(), deserted.close(), temporal.close()]);
});

const sweep = (query = '', headers = {}, on = gateway) => on.call('POST', `/admin/sweep${query}`, { headers });
const refresh = (query = '', headers = {}, on = gateway) =>
  on.call('POST', `/admin/workspace-images/refresh${query}`, { headers });

describe('sweep', () => {
  const finding = {
    host,
    kind: 'box',
    boxId: randomUUID(),
    workspaceId: null,
    backend: 'docker',
    what: 'not in the ledger',
    action: 'remove it',
    done: true,
  } as const;
  const shown = {
    host,
    kind: 'box',
    box_id: finding.boxId,
    workspace_id: null,
    backend: 'docker',
    what: 'not in the ledger',
    action: 'remove it',
    done: true,
  };

  test('is done by the workers, and told host by host', async () => {
    sweepSays = { fleet: 5, orphans: 1, done: 1, findings: [finding] };
    const answer = await sweep();
    expect([answer.statusCode, answer.json()]).toEqual([
      200,
      {
        dry_run: false,
        stopped: false,
        hosts: [{ host, fleet: 5, orphans: 1, done: 1, stopped: false, why: [], failed: [], away: false }],
        findings: [shown],
      },
    ]);
    expect(told).toEqual([{ dryRun: false, force: false }]);
  });

  test('that stopped itself is 409 with what it saw; a dry run only says so', async () => {
    sweepSays = { fleet: 5, orphans: 4, stopped: true, findings: [{ ...finding, done: false }] };
    const refused = await sweep();
    expect([refused.statusCode, refused.json()]).toEqual([
      409,
      expect.objectContaining({ code: 'SWEEP_REFUSED', stopped: true, findings: [{ ...shown, done: false }] }),
    ]);
    const seen = await sweep('?dry_run=true');
    expect([seen.statusCode, seen.json()['stopped'], seen.json()['dry_run']]).toEqual([200, true, true]);
    await sweep('?force=true');
    expect(told).toEqual([
      { dryRun: false, force: false },
      { dryRun: true, force: false },
      { dryRun: false, force: true },
    ]);
  });

  test('under one key happens once, for twins and for a repetition after its end', async () => {
    const headers = { 'idempotency-key': randomUUID() };
    const answers = [...(await Promise.all([sweep('', headers), sweep('', headers)])), await sweep('', headers)];
    expect(new Set(answers.map(({ body }) => body)).size).toBe(1);
    expect(told).toHaveLength(1);
    await sweep('', {});
    expect(told).toHaveLength(2);
  });

  test('that takes longer than a worker needs to begin is waited for', async () => {
    let release = () => {};
    busy = new Promise((resolve) => (release = resolve));
    const answer = sweep();
    const late = new Promise((resolve) => setTimeout(resolve, PATIENCE_MS + 200, 'still waiting'));
    expect(await Promise.race([answer, late])).toBe('still waiting');
    release();
    expect((await answer).statusCode).toBe(200);
  });

  test('is 503 in time when no worker takes it up, and is called off', async () => {
    const before = Date.now();
    const answer = await sweep('', {}, deserted);
    expect([answer.statusCode, answer.json()['code']]).toEqual([503, 'NO_BACKEND']);
    expect(Date.now() - before).toBeLessThan(12_000);
  });

  test.each(['dry_run=1', 'force=yes'])('refuses ?%s', async (query) => {
    expect((await sweep(`?${query}`)).statusCode).toBe(400);
    expect(told).toEqual([]);
  });
});

describe('image refresh', () => {
  const all = ['claude-code', 'langgraph', 'crewai', 'autogen', 'deepagents', 'hermes', 'gemini-cli', 'openclaw'];

  test.each<[string, readonly string[], boolean]>([
    ['', all, true],
    ['?runtime=hermes', ['hermes'], true],
    ['?recreate=true', all, true],
    ['?recreate=false', all, false],
    ['?recreate=1', all, false],
    ['?runtime=', all, true],
  ])('with "%s" tells the hosts what is meant', async (query, runtimes, recreate) => {
    refreshSays = { pulled: [...runtimes], recreated: ['ws-1'] };
    const answer = await refresh(query);
    expect([answer.statusCode, answer.json()]).toEqual([200, { pulled: runtimes, failed: [], recreated: ['ws-1'] }]);
    expect(told).toEqual([{ runtimes, recreate, actor: 'admin-token' }]);
  });

  test('is soft about a runtime that could not be pulled', async () => {
    const pulled = all.filter((runtime) => runtime !== 'crewai');
    refreshSays = { pulled, failed: ['crewai'] };
    expect((await refresh()).json()).toEqual({ pulled, failed: ['crewai'], recreated: [] });
  });

  test.each([
    ['every runtime', '', all],
    ['the one that was asked for', '?runtime=hermes', ['hermes']],
  ])('on a host that is away fails %s, whatever the others pulled', async (_, query, failed) => {
    away = [uniqueId('away')];
    refreshSays = { pulled: failed, recreated: ['ws-1'] };
    const answer = await refresh(query);
    expect([answer.statusCode, answer.json()]).toEqual([200, { pulled: [], failed, recreated: ['ws-1'] }]);
  });

  test('leaves no runtime unsaid that a host says nothing about', async () => {
    refreshSays = { pulled: ['hermes'] };
    const failed = all.filter((runtime) => runtime !== 'hermes');
    expect((await refresh()).json()).toEqual({ pulled: ['hermes'], failed, recreated: [] });
  });

  test('is 500 with what was done when the containers could not be looked at', async () => {
    refreshSays = { pulled: ['hermes'], error: 'the containers could not be listed' };
    const answer = await refresh('?runtime=hermes');
    expect([answer.statusCode, answer.json()]).toEqual([
      500,
      expect.objectContaining({
        error: 'the containers could not be listed',
        code: 'IMAGE_REFRESH_FAILED',
        partial_result: { pulled: ['hermes'], failed: [], recreated: [] },
      }),
    ]);
  });

  test('refuses a runtime there is not, and names those there are', async () => {
    const answer = await refresh('?runtime=cobol');
    expect([answer.statusCode, answer.json()]).toEqual([
      400,
      expect.objectContaining({ error: 'unknown runtime: cobol', known_runtimes: all }),
    ]);
    expect(told).toEqual([]);
  });

  test('is no route where no worker has an engine', async () => {
    const engineless = await testGateway({ loops: createLoopRuns(temporal.loops, loopsQueue) });
    await addBackend(engineless.db, 'process');
    expect((await refresh('', {}, engineless)).statusCode).toBe(404);
    await engineless.close();
  });
});

test('without Temporal both are 503 at once', async () => {
  const nowhere = openTemporal('127.0.0.1:1', namespaces);
  const alone = await testGateway({
    loops: createLoopRuns(nowhere.loops, loopsQueue),
    settings: { answerWaitMs: HOPELESS_MS },
  });
  await addBackend(alone.db, 'docker');
  for (const answer of [await sweep('', {}, alone), await refresh('', {}, alone)])
    expect([answer.statusCode, answer.json()['code']]).toEqual([503, 'NO_BACKEND']);
  await Promise.all([alone.close(), nowhere.close()]);
});
