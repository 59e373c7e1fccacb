import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { Client } from '@temporalio/client';
import type { Poker } from '@holdfast/activities/operation/poker';
import { type Cipher, createCipher } from '@holdfast/activities/secret/cipher';
import { testDatabase, testTemporal, uniqueId, workflowBundle } from '@holdfast/infra/testing/index';
import type { CloudRig } from '@holdfast/infra/testing/system/cloud-rig';
import type { Database } from '@holdfast/prisma';
import { startAgents } from './agents.ts';
import { startCloudAgents } from './cloud-agents.ts';
import { IMPATIENT_TASKS_MS, openClient } from './compose.ts';
import { CrashStage } from './crash-stage.ts';
import { Faults } from './faults.ts';
import { Folder } from './folder-backend.ts';
import { cloudReality, folderReality, type RealBox, type Reality } from './reality.ts';
import { ownNames } from './rig.ts';
import { type CloudSettings, startWorkerProcesses } from './worker-processes.ts';

/** A world whose workers are killed: cases in other lanes do not notice. */
export interface Lane extends AsyncDisposable {
  readonly db: Database;
  readonly client: Client;
  readonly faults: Faults;
  readonly stage: CrashStage;
  readonly host: string;
  readonly deaths: () => number;
  /** Where its boxes are, unless they are files. */
  readonly clouds: CloudRig | null;
}

/** Where the boxes of a lane are, and who speaks for them. */
interface Place {
  readonly reality: Reality;
  readonly clouds: CloudRig | null;
  readonly settings?: CloudSettings;
}

interface PlaceParts {
  readonly db: Database;
  readonly databaseUrl: string;
  readonly cipher: Cipher;
  readonly poker: Poker;
  readonly folder: Folder;
  readonly isMute: (box: RealBox) => boolean;
}

const WORKERS = 2;
/** Its row says when a host was seen last: these are, whenever somebody looks. */
const ALWAYS = new Date('2999-01-01');

export const openLane = (): Promise<Lane> => open(filesFor);

/** The same over real machines of clouds, made and ended by a real control plane. */
export const openCloudLane = (): Promise<Lane> => open(cloudsFor);

type MakePlace = (parts: PlaceParts, whole: AsyncDisposableStack) => Promise<Place>;

const filesFor: MakePlace = async ({ db, cipher, poker, folder, isMute }, whole) => {
  // There are clouds, for the workspaces that are on one; any other is put where somebody was seen lately.
  await db.backend.create({ data: { host: 'clouds', kind: 'control-plane', seenAt: new Date(0) } });
  whole.use(startAgents({ db, cipher, folder, poker, mute: isMute }));
  return { reality: folderReality(folder), clouds: null };
};

const cloudsFor: MakePlace = async (parts, whole) => {
  const { rig, settings } = whole.use(await startCloudAgents(parts));
  return { reality: cloudReality(parts.db, rig, settings.platformUrl), clouds: rig, settings };
};

async function open(makePlace: MakePlace): Promise<Lane> {
  await using parts = new AsyncDisposableStack();
  const directory = mkdtempSync(path.join(os.tmpdir(), 'holdfast-crash-'));
  parts.defer(() => rmSync(directory, { recursive: true, force: true }));
  const encryptionKey = randomBytes(32).toString('base64');
  const cipher = createCipher(encryptionKey);
  const host = uniqueId('host');
  const { database: db, url: databaseUrl } = parts.use(await testDatabase());
  const names = ownNames();
  const temporalAddress = testTemporal().address;
  const { client, poker, close } = await openClient(temporalAddress, db, names, IMPATIENT_TASKS_MS);
  parts.defer(close);
  let stage: CrashStage | undefined;
  const isMute = (box: RealBox): boolean => stage?.isMute(box) ?? false;
  const folder = new Folder(directory);
  const { reality, clouds, settings } = await makePlace({ db, databaseUrl, cipher, poker, folder, isMute }, parts);
  await db.backend.create({ data: { host, kind: reality.backend, seenAt: ALWAYS } });
  stage = new CrashStage({ db, poker, cipher, reality, host });
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
      ...(settings ? { clouds: settings } : {}),
    }),
  );
  const whole = parts.move();
  return {
    db,
    client,
    faults: new Faults(directory),
    stage,
    host,
    clouds,
    deaths: workers.deaths,
    [Symbol.asyncDispose]: () => whole.disposeAsync(),
  };
}
