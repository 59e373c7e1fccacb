let installed: Promise<void> | undefined;

/**
 * Makes workers in this process log errors only: that executions fail is what many tests are about. Before the first of
 * them, and once, since a process has one runtime whatever number of files it runs.
 */
export const quietRuntime = (): Promise<void> => (installed ??= install());

async function install(): Promise<void> {
  // Late: it takes half a second to load, and most tests that import from here run no worker.
  const { DefaultLogger, makeTelemetryFilterString, Runtime } = await import('@temporalio/worker');
  const filter = makeTelemetryFilterString({ core: 'ERROR', other: 'ERROR' });
  Runtime.install({ logger: new DefaultLogger('ERROR'), telemetryOptions: { logging: { filter } } });
}
