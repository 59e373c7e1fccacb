import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect } from 'vitest';
import { createCipher } from '@holdfast/activities/secret/cipher';
import { chanceOf, testDatabase, testTemporal, uniqueId, waitFor, workflowBundle } from '@holdfast/infra/testing/index';
import type { Database } from '@holdfast/prisma';
import { IMPATIENT_TASKS_MS, openClient } from '../compose.ts';
import { ownNames } from '../rig.ts';
import { startWorkerProcesses } from '../worker-processes.ts';
import { installAudit } from './audit.ts';
import type { Boxes, BoxesParts } from './boxes.ts';
import { check } from './check.ts';
import { deleteAll } from './delete-all.ts';
import { Disturbances } from './disturbances.ts';
import { startGateways } from './gateways.ts';
import { Load } from './load.ts';
import { readRecord } from './record.ts';
import { clock, StepLog } from './step-log.ts';
import { summaryOf } from './summary.ts';

/** Whoever waits has its host; it is there whenever somebody looks. */
const ALWAYS = new Date('2999-01-01');

/** Asks for random verbs of a few workspaces, kills whoever carries them out, and judges all that came of it. */
export async function runProperty(verbs: number, openBoxes: (given: BoxesParts) => Promise<Boxes>): Promise<void> {
  const share = (of: number): number => Math.ceil((verbs * of) / 3_000);
  const luck = chanceOf('random requests');
  await using parts = new AsyncDisposableStack();
  const directory = mkdtempSync(path.join(os.tmpdir(), 'holdfast-property-'));
  parts.defer(() => rmSync(directory, { recursive: true, force: true }));
  const log = new StepLog(directory);
  const encryptionKey = randomBytes(32).toString('base64');
  const cipher = createCipher(encryptionKey);
  const { url: databaseUrl, database: db } = parts.use(await testDatabase());
  await installAudit(db);
  const temporalAddress = testTemporal().address;
  const names = ownNames();
  const temporal = await openClient(temporalAddress, db, names, IMPATIENT_TASKS_MS);
  parts.defer(() => temporal.close());
  const { client, poker } = temporal;
  const trouble: unknown[] = [];
  const onTrouble = (error: unknown): void => void trouble.push(error);
  const boxes = await openBoxes({ db, databaseUrl, cipher, poker, directory, log, luck, onTrouble, parts });
  const host = uniqueId('host');
  await db.backend.create({ data: { host, kind: boxes.backend, seenAt: ALWAYS } });
  const servers = { databaseUrl, temporalAddress, names, encryptionKey };
  const { durations } = boxes;
  const workers = parts.use(
    await startWorkerProcesses(
      2,
      { ...servers, bundle: await workflowBundle(), host, directory, durations, ...boxes.settings },
      (pid) => log.write({ what: 'death', pid, at: clock() }),
    ),
  );
  const gateways = parts.use(await startGateways(2, servers, onTrouble));

  const counts = { kills: share(12), terminations: share(30), cancellations: share(10) };
  const machines = boxes.end ? { machines: { ends: share(150), end: boxes.end } } : {};
  const disturbances = new Disturbances({ db, client, workers, luck, ...counts, ...machines });
  const load = new Load({
    db,
    gateways,
    luck,
    verbs,
    ...(boxes.clouds ? { clouds: boxes.clouds } : {}),
    fates: { dropsPoke: 0.05, dies: 0.004, diesUnanswered: 0.002 },
    pace: boxes.pace,
    onProgress: (done) => disturbances.at(done),
  });
  const begun = clock();
  await load.run();
  const loaded = clock();
  await waitFor(async () => (await isQuiet(db)) && (await boxes.isQuiet()), {
    timeoutMs: 120_000,
    everyMs: 200,
    what: 'the end of everything',
  }).catch(onTrouble);
  const seconds = { load: Math.round((loaded - begun) / 1_000), end: Math.round((clock() - loaded) / 1_000) };
  console.log(`the load took ${seconds.load} s, and everything had ended ${seconds.end} s later`);

  const real = boxes.real();
  const told = load.answers.flatMap(({ operations }) => operations ?? []);
  const record = await readRecord(db, { log: log.read(), real, told, terminated: disturbances.terminated });
  const findings = check(record);
  // A run in which little was done proves little.
  expect(record.operations.length).toBeGreaterThan(verbs / 4);
  const crashes = { workers: workers.deaths(), gateways: gateways.deaths() };
  console.log(summaryOf(record, findings, { answers: load.answers, crashes }));
  expect(load.answers.flatMap((answer) => answer.trouble ?? [])).toEqual([]);
  expect({ trouble, violations: findings.violations }).toEqual({ trouble: [], violations: [] });
  await deleteAll(db, poker);
  await waitFor(() => boxes.real().length === 0, { timeoutMs: 60_000, what: 'no box to be left anywhere' });
}

/**
 * No operation is open and no box is on its way. What a killed worker had taken to stop is taken again after a minute:
 * that is not waited for.
 */
async function isQuiet(db: Database): Promise<boolean> {
  const operations = await db.operation.count({ where: { state: { in: ['accepted', 'running'] } } });
  const boxes = await db.box.count({ where: { state: { in: ['creating', 'stopping', 'owed'] } } });
  await db.$executeRaw`
    UPDATE boxes SET next_attempt_at = clock_timestamp()
    WHERE state = 'owed' AND next_attempt_at > clock_timestamp() + interval '10 seconds'`;
  return operations + boxes === 0;
}
