import { DefaultLogger, Runtime } from '@temporalio/worker';
import { BackendError } from '@holdfast/activities/box/backend-error';
import { superviseLoop } from '@holdfast/activities/loop/supervised-loop';
import { dispatch } from '@holdfast/activities/operation/dispatcher';
import { checkReality } from '@holdfast/activities/operation/reality-check';
import { createCipher } from '@holdfast/activities/secret/cipher';
import { openDatabase } from '@holdfast/prisma';
import { type Names, openClient, recordsOf, runWorkers } from './compose.ts';
import { die, Faults, faulty } from './faults.ts';
import { folderBoxes } from './folder-boxes.ts';
import { Folder, type FolderHooks } from './folder-backend.ts';
import type { WorkerSettings } from './worker-processes.ts';

// A worker to be killed: the product's steps and loops, over boxes that are files, with faults planned from outside.
const settings = JSON.parse(process.env['TEST_WORKER'] ?? '{}') as WorkerSettings & { names: Names };
const { directory, host } = settings;
Runtime.install({ logger: new DefaultLogger('ERROR') });

const db = openDatabase(settings.databaseUrl, { connections: 8 });
const cipher = createCipher(settings.encryptionKey);
const faults = new Faults(directory);
const folder = new Folder(directory);
const hooks: FolderHooks = {
  beforeStart({ workspaceId }) {
    if (folder.isRefused(workspaceId)) throw new BackendError('refused', 'planned: the engine says no');
  },
  async afterStart({ workspaceId }, signal) {
    const point = faults.take(workspaceId, 'startBox', ['killedInside', 'stoppedInside']);
    if (point === 'killedInside') await die();
    if (point !== 'stoppedInside') return;
    process.kill(process.pid, 'SIGTERM');
    await new Promise((_, reject) => {
      signal.addEventListener('abort', () => reject(new Error('aborted')), { once: true });
    });
  },
  async afterStop({ workspaceId }) {
    if (faults.take(workspaceId, 'settleBoxes', ['killedInside'])) await die();
  },
};
const boxes = folderBoxes({ db, cipher, host, folder, hooks });
const { client, poker, close } = await openClient(settings.temporalAddress, db, settings.names);
const worker = await runWorkers({
  address: settings.temporalAddress,
  bundle: settings.bundle,
  names: settings.names,
  host,
  operations: faulty(recordsOf(db, cipher, settings.durations), faults),
  boxes: faulty(boxes.port, faults),
});

const stopping = new AbortController();
const loop = (name: string, periodMs: number, work: () => Promise<unknown>): Promise<void> =>
  superviseLoop(
    { name, periodMs, tick: async () => void (await work()), onFailure: (error) => console.error(name, error) },
    stopping.signal,
  );
const loops = Promise.all([
  loop('dispatcher', 300, () => dispatch(db, poker)),
  loop('owed boxes', 500, () => boxes.finishOwed()),
  loop('reality', 1_000, () => checkReality(db, client, poker)),
]);
process.once('SIGTERM', () => {
  stopping.abort();
  void Promise.allSettled([loops, worker.stop()])
    .then(() => Promise.all([close(), db.$disconnect()]))
    .then(() => process.exit(0));
});
console.log('ready');
