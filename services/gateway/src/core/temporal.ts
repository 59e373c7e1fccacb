import { connectToTemporal } from '@holdfast/activities/operation/temporal-connection';
import { Client } from '@temporalio/client';

/** A Temporal client that connects when it is first used and comes back by itself. */
export interface Temporal {
  readonly client: () => Promise<Client>;
  /** The same for the namespace of the loops. */
  readonly loops: () => Promise<Client>;
  /** Rejects when the server does not answer in time. */
  readonly ping: (withinMs: number) => Promise<void>;
  readonly close: () => Promise<void>;
}

export function openTemporal(address: string, namespaces: { operations: string; loops: string }): Temporal {
  const connection = connectToTemporal(address);
  const client = new Client({ connection, namespace: namespaces.operations });
  const loops = new Client({ connection, namespace: namespaces.loops });
  return {
    client: () => Promise.resolve(client),
    loops: () => Promise.resolve(loops),
    ping: (withinMs) =>
      connection.withDeadline(Date.now() + withinMs, async () => {
        await connection.workflowService.getSystemInfo({});
      }),
    close: () => connection.close(),
  };
}
