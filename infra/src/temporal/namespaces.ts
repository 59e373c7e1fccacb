import { loopsNamespace, operationsNamespace } from '@holdfast/workflows/operation/operation';
import { searchAttributeNames } from '@holdfast/workflows/operation/search-attributes';
import { Connection } from '@temporalio/client';
import { waitFor } from '../process/wait-for.ts';

/** How long a closed execution stays to be looked at; seconds. */
const RETENTION_SECONDS = 720 * 3600;
const CALL_LIMIT_MS = 2_000;
const KEYWORD = 2;
const ALREADY_EXISTS = 6;
const retention = { workflowExecutionRetentionTtl: { seconds: RETENTION_SECONDS } as never };

/**
 * Waits until the server knows both namespaces, then gives them their retention (a development server keeps closed
 * executions for a day only).
 * @param gaveUp looked at between tries; true ends the wait
 */
export async function namespacesAnswer(address: string, timeoutMs: number, gaveUp?: () => boolean): Promise<void> {
  await connected(address, timeoutMs, async ({ workflowService: service }, retry) => {
    await retry(() => each((namespace) => service.describeNamespace({ namespace })), gaveUp);
    await each((namespace) => service.updateNamespace({ namespace, config: retention }));
  });
}

/** Gives a server that is not ours what it lacks: the namespaces and their search attributes. */
export async function prepareNamespaces(address: string, timeoutMs: number): Promise<void> {
  await connected(address, timeoutMs, async ({ workflowService, operatorService }, retry) => {
    await retry(() => workflowService.getSystemInfo({}));
    await each(async (namespace) => {
      await unlessThere(() =>
        workflowService.registerNamespace({
          namespace,
          workflowExecutionRetentionPeriod: retention.workflowExecutionRetentionTtl,
        }),
      );
      // A new namespace is known everywhere only after its caches have turned over.
      const { customAttributes } = await retry(() => operatorService.listSearchAttributes({ namespace }));
      const missing = searchAttributeNames.filter((name) => customAttributes?.[name] === undefined);
      if (missing.length === 0) return;
      const types = Object.fromEntries(missing.map((name) => [name, KEYWORD]));
      await unlessThere(() => operatorService.addSearchAttributes({ namespace, searchAttributes: types }));
    });
  });
}

type Retry = <T>(call: () => Promise<T>, gaveUp?: () => boolean) => Promise<T>;

async function connected(
  address: string,
  timeoutMs: number,
  use: (connection: Connection, retry: Retry) => Promise<void>,
): Promise<void> {
  // No retries beneath the wait: one that is still pending when the connection closes throws.
  const connection = Connection.lazy({ address, interceptors: [] });
  const retry: Retry = async (call, gaveUp) => {
    const attempt = async () => {
      if (gaveUp?.() === true) return 'gone' as const;
      return { answer: await connection.withDeadline(Date.now() + CALL_LIMIT_MS, call) };
    };
    const outcome = await waitFor(attempt, { timeoutMs, everyMs: 50, what: `Temporal at ${address}` });
    if (outcome === 'gone') throw new Error('the server ended');
    return (outcome as { answer: Awaited<ReturnType<typeof call>> }).answer;
  };
  try {
    await use(connection, retry);
  } finally {
    await connection.close();
  }
}

const each = (work: (namespace: string) => Promise<unknown>): Promise<unknown[]> =>
  Promise.all([operationsNamespace, loopsNamespace].map(work));

async function unlessThere(call: () => Promise<unknown>): Promise<void> {
  try {
    await call();
  } catch (error) {
    if ((error as { code?: number }).code !== ALREADY_EXISTS) throw error;
  }
}
