import { Connection } from '@temporalio/client';
import { waitFor } from '../process/wait-for.ts';
import { LOOPS_NAMESPACE, OPERATIONS_NAMESPACE } from './settings.ts';

/** How long a closed execution stays to be looked at; seconds. */
const RETENTION_SECONDS = 720 * 3600;

/**
 * Waits until the server knows both namespaces, then gives them their retention (a development server keeps closed
 * executions for a day only).
 * @param gaveUp looked at between tries; true ends the wait
 */
export async function namespacesAnswer(address: string, timeoutMs: number, gaveUp?: () => boolean): Promise<void> {
  // No retries beneath the wait: one that is still pending when the connection closes throws.
  const connection = Connection.lazy({ address, interceptors: [] });
  const namespaces = [OPERATIONS_NAMESPACE, LOOPS_NAMESPACE];
  try {
    const outcome = await waitFor(
      async () => {
        if (gaveUp?.() === true) return 'gone';
        const known = (namespace: string) => connection.workflowService.describeNamespace({ namespace });
        await connection.withDeadline(Date.now() + 1_000, () => Promise.all(namespaces.map(known)));
        return 'up';
      },
      { timeoutMs, everyMs: 50, what: `Temporal at ${address}` },
    );
    if (outcome === 'gone') throw new Error('the server ended');
    const config = { workflowExecutionRetentionTtl: { seconds: RETENTION_SECONDS } as never };
    await Promise.all(namespaces.map((namespace) => connection.workflowService.updateNamespace({ namespace, config })));
  } finally {
    await connection.close();
  }
}
