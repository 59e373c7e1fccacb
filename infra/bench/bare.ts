import path from 'node:path';
import { root } from '../src/root.ts';
import { Client } from './load.ts';
import type { Stage } from './stage.ts';

export interface BareOptions {
  readonly status: number;
  /** What it answers, whatever is asked. */
  readonly body: string;
  /** Makes a durable row of each request, except reads, before it answers. */
  readonly stores?: boolean;
}

export interface Bare {
  readonly pid: number;
  client(connections: number): Client;
  stop(): Promise<void>;
}

/** A bare server in a process of its own. */
export async function startBare({ children, store }: Stage, options: BareOptions): Promise<Bare> {
  const child = children.spawn('bare-server', [path.join(root, 'infra/bench/bare-server.ts')], {
    BARE_STATUS: String(options.status),
    BARE_BODY: options.body,
    ...(options.stores ? { DATABASE_URL: store.url } : {}),
  });
  const { port } = await child.message<{ port: number }>();
  return {
    pid: child.pid,
    client: (connections) => new Client(`http://127.0.0.1:${port}`, { connections }),
    stop: () => children.stop(child),
  };
}
