import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { Client } from '@temporalio/client';
import { createCipher } from '@holdfast/activities/secret/cipher';
import { testDatabase, testTemporal, uniqueId, workflowBundle } from '@holdfast/infra/testing/index';
import type { Database } from '@holdfast/prisma';
import { startAgents } from './agents.ts';
import { IMPATIENT_TASKS_MS, openClient } from './compose.ts';
import { CrashStage } from './crash-stage.ts';
import { Faults } from './faults.ts';
import { Folder } from './folder-backend.ts';
import { ownNames } from './rig.ts';
import { startWorkerProcesses } from './worker-processes.ts';

/** A world whose workers are killed: cases in other lanes do not notice. */
export interface Lane extends AsyncDisposable {
  readonly db: Database;
  readonly client: Client;
  readonly folder: Folder;
  readonly faults: Faults;
  readonly stage: CrashStage;
  readonly host: string;
  readonly deaths: () => number;
}

const WORKERS = 2;

export async function openLane(): Promise<Lane> {
  await using parts = new AsyncDisposableStack();
  const directory = mkdtempSync(path.join(os.tmpdir(), 'holdfast-crash-'));
  parts.defer(() => rmSync(directory, { recursive: true, force: true }));
  const folder = new Folder(directory);
  const encryptionKey = randomBytes(32).toString('base64');
  const cipher = createCipher(encryptionKey);
  const host = uniqueId('host');
  const { database: db, url: databaseUrl } = parts.use(await testDatabase());
  const names = ownNames();
  const temporalAddress = testTemporal().address;
  const { client, poker, close } = await openClient(temporalAddress, db, names, IMPATIENT_TASKS_MS);
  parts.defer(close);
  // There are clouds, for the workspaces that are on one; any other is put on this host, which is always there.
  await db.backend.create({ data: { host, kind: 'process', seenAt: new Date('2100-01-01') } });
  await db.backend.create({ data: { host: 'clouds', kind: 'control-plane', seenAt: new Date(0) } });
  const workers = parts.use(
    await startWorkerProcesses(WORKERS, {
      databaseUrl,
      temporalAddress,
      bundle: await workflowBundle(),
      names,
      host,
      directory,
      encryptionKey,
      durations: { deadlineMs: 120_000, settleMs: 6_000, startMs: 120_000 },
    }),
  );
  const stage = new CrashStage({ db, poker, cipher, folder, host });
  parts.use(startAgents({ db, cipher, folder, poker, mute: stage.isMute }));
  const whole = parts.move();
  return {
    db,
    client,
    folder,
    faults: new Faults(directory),
    stage,
    host,
    deaths: workers.deaths,
    [Symbol.asyncDispose]: () => whole.disposeAsync(),
  };
}
