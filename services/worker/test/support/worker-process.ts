import { DefaultLogger, Runtime } from '@temporalio/worker';
import { BackendError } from '@holdfast/activities/box/backend-error';
import { controlPlaneBackend } from '@holdfast/activities/box/control-plane/backend';
import { connectToControlPlane } from '@holdfast/activities/control-plane/control-plane';
import { superviseLoop } from '@holdfast/activities/loop/supervised-loop';
import { restartOffline } from '@holdfast/activities/loop/offline';
import { dispatch } from '@holdfast/activities/operation/dispatcher';
import { checkReality } from '@holdfast/activities/operation/reality-check';
import { createCipher } from '@holdfast/activities/secret/cipher';
import { chance } from '@holdfast/infra/testing/chance';
import { quietLog } from '@holdfast/infra/testing/quiet-log';
import { openDatabase } from '@holdfast/prisma';
import { IMPATIENT_TASKS_MS, type Names, openClient, recordsOf, runWorkers } from './compose.ts';
import { die, Faults, faulty } from './faults.ts';
import { folderBackends } from './folder-boxes.ts';
import { Folder } from './folder-backend.ts';
import { type BoxHooks, hooked } from './hooked.ts';
import { hostBoxes, hostLoops, owner } from './host-boxes.ts';
import { moody, RecordedFolder } from './property/engine.ts';
import { recorded, StepLog } from './property/step-log.ts';
import type { WorkerSettings } from './worker-processes.ts';

// A worker to be killed: the product's steps and loops, over boxes that are files, with faults planned from outside.
const settings = JSON.parse(process.env['TEST_WORKER'] ?? '{}') as WorkerSettings & { names: Names };
const { directory, host, moods, clouds } = settings;
Runtime.install({ logger: new DefaultLogger('ERROR') });

const db = openDatabase(settings.databaseUrl, { connections: 8 });
const cipher = createCipher(settings.encryptionKey);
const faults = new Faults(directory);
const steps = new StepLog(directory);
const folder = moods ? new RecordedFolder(directory, steps) : new Folder(directory);
const planned: BoxHooks = {
  beforeStart({ workspaceId }) {
    if (faults.isRefused(workspaceId)) throw new BackendError('refused', 'planned: the engine says no');
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
// Every worker has a fortune of its own, also one that takes the place of another.
const hooks =
  folder instanceof RecordedFolder && moods ? moody(folder, moods, chance(moods.seed + process.pid)) : planned;
const backends = clouds
  ? [controlPlaneBackend({ controlPlane: connectToControlPlane(clouds.controlPlane), orgId: clouds.orgId, owner })]
  : folderBackends(folder);
const boxOptions = {
  db,
  cipher,
  host,
  backends: backends.map((backend) => hooked(backend, hooks)),
  platformUrl: clouds?.platformUrl,
  longestCreateMs: settings.durations.longestCreateMs,
};
const boxes = hostBoxes(boxOptions);
const { client, poker, trees, close } = await openClient(
  settings.temporalAddress,
  db,
  settings.names,
  IMPATIENT_TASKS_MS,
);
const worker = await runWorkers({
  address: settings.temporalAddress,
  bundle: settings.bundle,
  names: settings.names,
  host,
  trees,
  operations: faulty(recordsOf(db, cipher, settings.durations), faults),
  boxes: moods || clouds?.isWatched ? recorded(boxes.port, steps) : faulty(boxes.port, faults),
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
  ...(clouds?.isWatched ? watching() : []),
]);

/** What brings machines back that were terminated under us, and ends those that should not be there. */
function watching(): Promise<void>[] {
  const { checkHealth, sweep } = hostLoops(boxOptions, poker);
  return [
    loop('health', 1_000, checkHealth),
    loop('sweep', 3_000, () => sweep({ dryRun: false, force: false })),
    loop('offline', 1_000, () => restartOffline({ db, poker, log: quietLog })),
  ];
}
process.once('SIGTERM', () => {
  stopping.abort();
  void Promise.allSettled([loops, worker.stop()])
    .then(() => Promise.all([close(), db.$disconnect()]))
    .then(() => process.exit(0));
});
console.log('ready');
