import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { createCipher } from '@holdfast/activities/secret/cipher';
import { testDatabase, testTemporal, uniqueId, waitFor, workflowBundle } from '@holdfast/infra/testing/index';
import { startAgents } from './support/agents.ts';
import { type Chance, chance } from './support/chance.ts';
import { IMPATIENT_TASKS_MS, openClient } from './support/compose.ts';
import { installAudit } from './support/property/audit.ts';
import { check } from './support/property/check.ts';
import { Disturbances } from './support/property/disturbances.ts';
import { RecordedFolder, runEngine } from './support/property/engine.ts';
import { startGateways } from './support/property/gateways.ts';
import { Load } from './support/property/load.ts';
import { readRecord } from './support/property/record.ts';
import { clock, StepLog } from './support/property/step-log.ts';
import { summaryOf } from './support/property/summary.ts';
import { ownNames } from './support/rig.ts';
import { startWorkerProcesses } from './support/worker-processes.ts';

const isFull = process.env['HOLDFAST_PROPERTY'] === 'full';
/** HOLDFAST_PROPERTY_VERBS asks for another number of verbs. */
const verbs = Number(process.env['HOLDFAST_PROPERTY_VERBS'] ?? (isFull ? 3_000 : 250));
const share = (of: number): number => Math.ceil((verbs * of) / 3_000);

test(
  'whatever is asked for, and whoever dies over it: operations never overlap, nothing accepted is lost, no box is left',
  { timeout: 120_000 + verbs * 400 },
  async () => {
    const luck = chance();
    console.log(`seed ${luck.seed} (HOLDFAST_SEED=${luck.seed} asks for the same again)`);
    await using parts = new AsyncDisposableStack();
    const directory = mkdtempSync(path.join(os.tmpdir(), 'holdfast-property-'));
    parts.defer(() => rmSync(directory, { recursive: true, force: true }));
    const log = new StepLog(directory);
    const folder = new RecordedFolder(directory, log);
    const encryptionKey = randomBytes(32).toString('base64');
    const { url: databaseUrl, database: db } = parts.use(await testDatabase());
    await installAudit(db);
    const temporalAddress = testTemporal().address;
    const names = ownNames();
    const temporal = await openClient(temporalAddress, db, names, IMPATIENT_TASKS_MS);
    parts.defer(() => temporal.close());
    const host = uniqueId('host');
    await db.backend.create({ data: { host, kind: 'process' } });
    const servers = { databaseUrl, temporalAddress, names, encryptionKey };
    const moods = { refused: 0.02, failing: 0.02, lost: 0.02, late: 0.02, latestMs: 800, seed: luck.seed };
    const trouble: unknown[] = [];
    parts.use(runEngine(folder, (error) => trouble.push(error)));
    const durations = { deadlineMs: 3_000, settleMs: 3_000, startMs: 30_000, longestCreateMs: 3_000 };
    const workers = parts.use(
      await startWorkerProcesses(
        2,
        { ...servers, bundle: await workflowBundle(), host, directory, durations, moods },
        (pid) => log.write({ what: 'death', pid, at: clock() }),
      ),
    );
    const gateways = parts.use(await startGateways(2, servers, (error) => trouble.push(error)));
    const { poker } = temporal;
    parts.use(startAgents({ db, cipher: createCipher(encryptionKey), folder, poker, mute: someMute(luck) }));

    const { client } = temporal;
    const counts = { kills: share(12), terminations: share(30), cancellations: share(10) };
    const disturbances = new Disturbances({ db, client, workers, luck, ...counts });
    const load = new Load({
      db,
      gateways,
      luck,
      verbs,
      fates: { dropsPoke: 0.05, dies: 0.004, diesUnanswered: 0.002 },
      pauseMs: 400,
      onProgress: (done) => disturbances.at(done),
    });
    const begun = clock();
    await load.run();
    const loaded = clock();
    await waitFor(() => isQuiet(db, folder), { timeoutMs: 120_000, everyMs: 200, what: 'the end of everything' }).catch(
      (error: unknown) => trouble.push(error),
    );
    const seconds = { load: Math.round((loaded - begun) / 1_000), end: Math.round((clock() - loaded) / 1_000) };
    console.log(`the load took ${seconds.load} s, and everything had ended ${seconds.end} s later`);

    const real = folder.boxes();
    const told = load.answers.flatMap(({ operations }) => operations ?? []);
    const record = await readRecord(db, { log: log.read(), real, told, terminated: disturbances.terminated });
    const findings = check(record);
    // A run in which little was done proves little.
    expect(record.operations.length).toBeGreaterThan(verbs / 4);
    const crashes = { workers: workers.deaths(), gateways: gateways.deaths() };
    console.log(summaryOf(record, findings, { answers: load.answers, crashes }));
    expect(load.answers.flatMap((answer) => answer.trouble ?? [])).toEqual([]);
    expect(trouble).toEqual([]);
    expect(findings.violations).toEqual([]);
  },
);

/** One agent of a hundred never says a word. */
function someMute({ next }: Chance): (box: { boxId: string }) => boolean {
  const known = new Map<string, boolean>();
  return ({ boxId }) => {
    const mute = known.get(boxId) ?? next() < 0.01;
    known.set(boxId, mute);
    return mute;
  };
}

/**
 * No operation is open, no box is on its way, and the engine has nothing left to do.
 * What a killed worker had taken to stop is taken again after a minute: that is not waited for.
 */
async function isQuiet(
  db: Awaited<ReturnType<typeof testDatabase>>['database'],
  folder: RecordedFolder,
): Promise<boolean> {
  const operations = await db.operation.count({ where: { state: { in: ['accepted', 'running'] } } });
  const boxes = await db.box.count({ where: { state: { in: ['creating', 'stopping', 'owed'] } } });
  await db.$executeRaw`
    UPDATE boxes SET next_attempt_at = clock_timestamp()
    WHERE state = 'owed' AND next_attempt_at > clock_timestamp() + interval '10 seconds'`;
  return operations + boxes === 0 && !folder.hasLate();
}
