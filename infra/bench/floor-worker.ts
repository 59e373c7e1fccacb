import { fileURLToPath } from 'node:url';
import { Client, Connection } from '@temporalio/client';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import type { FloorMark } from './floor.ts';
import type { FloorActivities } from './floor-workflow.ts';
import { now } from './load.ts';

// Runs the bare workflow with the settings our workers have.
Runtime.install({ shutdownSignals: [], logger: new DefaultLogger('ERROR') });
const address = process.env['TEMPORAL_ADDRESS'] ?? '';
const namespace = 'workspaces';
const connection = await NativeConnection.connect({ address });
const client = new Client({ connection: Connection.lazy({ address }), namespace });
const tell = (mark: FloorMark): void => void process.send?.(mark);
const activities: FloorActivities = {
  prepare: () => Promise.resolve(),
  start: (id) => {
    tell({ mark: 'started', id, at: now() });
    // Not awaited, as the agent's register is not part of the start of its box.
    void client.workflow.getHandle(id).signal('poke');
    return Promise.resolve();
  },
  done: (id) => {
    tell({ mark: 'done', id });
    return Promise.resolve();
  },
};
const { prepare, start, done } = activities;
const workers = await Promise.all([
  Worker.create({
    connection,
    namespace,
    taskQueue: 'bench-floor',
    workflowsPath: fileURLToPath(import.meta.resolve('./floor-workflow.ts')),
    activities: { done },
    maxCachedWorkflows: 500,
  }),
  Worker.create({
    connection,
    namespace,
    taskQueue: 'bench-floor-boxes',
    activities: { prepare, start },
    maxConcurrentActivityTaskExecutions: 50,
  }),
]);
const runs = workers.map((worker) => worker.run());
process.once('SIGTERM', () => {
  for (const worker of workers) worker.shutdown();
  void Promise.allSettled(runs).then(() => process.exit(0));
});
tell({ mark: 'ready' });
