import { quietRuntime } from './quiet-runtime.ts';
import { testTemporal } from './temporal.ts';
import { workflowBundle } from './workflow-bundle.ts';

export interface TestWorkerOptions {
  readonly namespace: string;
  readonly taskQueue: string;
  /** Functions by name; without workflows only they are served. */
  readonly activities: Readonly<Record<string, (order: never) => Promise<unknown>>>;
  /** Whether it runs the workflows of the product as well. */
  readonly workflows: boolean;
}

export interface TestWorker {
  stop(): Promise<void>;
}

/** A real worker in this process, on a queue of the test's own. */
export async function testWorker({
  namespace,
  taskQueue,
  activities,
  workflows,
}: TestWorkerOptions): Promise<TestWorker> {
  await quietRuntime();
  const { NativeConnection, Worker } = await import('@temporalio/worker');
  const connection = await NativeConnection.connect({ address: testTemporal().address });
  const worker = await Worker.create({
    connection,
    namespace,
    taskQueue,
    activities,
    ...(workflows ? { workflowBundle: { codePath: await workflowBundle() } } : {}),
  });
  const ended = worker.run();
  return {
    async stop() {
      worker.shutdown();
      await ended;
      await connection.close();
    },
  };
}
