import { Client, Connection } from '@temporalio/client';
import { operationsNamespace } from '@holdfast/workflows/operation/operation';

/** A Temporal client that connects when it is first used and comes back by itself. */
export interface Temporal {
  client(): Promise<Client>;
  /** Rejects when the server does not answer in time. */
  ping(withinMs: number): Promise<void>;
  close(): Promise<void>;
}

/** How long a call may take before the poke gives up; the dispatcher of the worker pokes again. */
const CALL_MS = 10_000;

export function openTemporal(address: string): Temporal {
  const connection = Connection.lazy({ address, connectTimeout: CALL_MS, interceptors: [] });
  const client = new Client({ connection, namespace: operationsNamespace });
  return {
    client: () => Promise.resolve(client),
    ping: (withinMs) =>
      connection.withDeadline(Date.now() + withinMs, async () => {
        await connection.ensureConnected();
        await connection.workflowService.getSystemInfo({});
      }),
    close: () => connection.close(),
  };
}
