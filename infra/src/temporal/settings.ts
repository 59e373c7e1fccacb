import { loopsNamespace, operationsNamespace } from '@holdfast/workflows/operation/operation';
import { searchAttributeNames } from '@holdfast/workflows/operation/search-attributes';

/**
 * Settings of the server. They change latency, never safety: without them a workflow task waits for a 50 ms tick,
 * timers are rounded to a second and a hand-over between runs takes one.
 */
const dynamicConfig: Readonly<Record<string, string>> = {
  'system.enableActivityEagerExecution': 'true',
  'matching.numTaskqueueReadPartitions': '1',
  'matching.numTaskqueueWritePartitions': '1',
  'matching.useNewMatcher': 'true',
  'history.maxInFlightUpdates': '0',
  'history.transferProcessorMaxPollRPS': '2000',
  'history.timerProcessorMaxPollRPS': '2000',
  'history.visibilityProcessorMaxPollRPS': '200',
  'history.timerProcessorMaxTimeShift': '"20ms"',
  'history.workflowIdReuseMinimalInterval': '"0s"',
};

/**
 * Of its database. A commit is one append to a log that is not waited for: a server that is killed loses nothing, and one
 * whose machine loses power may lose its last moments, which is what the reality check mends. The journal that is the
 * default waits for the disk at every transition of an execution: with it a bare workflow costs over half as much again.
 */
const pragmas = ['journal_mode=wal', 'synchronous=normal'];

/** The arguments of `temporal server start-dev`. */
export function serverArguments(options: { port: number; uiPort: number | undefined; file: string }): string[] {
  const { port, uiPort, file } = options;
  const each = (flag: string, values: readonly string[]) => values.flatMap((value) => [flag, value]);
  return [
    'server',
    'start-dev',
    '--ip=127.0.0.1',
    '--log-level=error',
    ...each('--port', [`${port}`]),
    ...(uiPort === undefined ? ['--headless'] : ['--ui-port', `${uiPort}`, '--ui-disable-news-fetch']),
    ...each('--db-filename', [file]),
    ...each('--sqlite-pragma', pragmas),
    ...each('--namespace', [operationsNamespace, loopsNamespace]),
    ...each(
      '--search-attribute',
      searchAttributeNames.map((name) => `${name}=Keyword`),
    ),
    ...each(
      '--dynamic-config-value',
      Object.entries(dynamicConfig).map(([name, value]) => `${name}=${value}`),
    ),
  ];
}
