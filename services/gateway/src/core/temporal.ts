import { Client, Connection } from '@temporalio/client';

/** A Temporal client that connects when it is first used and comes back by itself. */
export interface Temporal {
  readonly client: () => Promise<Client>;
  /** Rejects when the server does not answer in time. */
  readonly ping: (withinMs: number) => Promise<void>;
  readonly close: () => Promise<void>;
}

/** The longest pause between two attempts to connect; the default is two minutes. */
const RETRY_MS = 2_000;

export function openTemporal(address: string, namespace: string): Temporal {
  const connection = Connection.lazy({
    address,
    channelArgs: { 'grpc.initial_reconnect_backoff_ms': 100, 'grpc.max_reconnect_backoff_ms': RETRY_MS },
  });
  const client = new Client({ connection, namespace });
  return {
    client: () => Promise.resolve(client),
    ping: (withinMs) =>
      connection.withDeadline(Date.now() + withinMs, async () => {
        await connection.workflowService.getSystemInfo({});
      }),
    close: () => connection.close(),
  };
}
