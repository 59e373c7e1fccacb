import path from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { root } from '../src/root.ts';
import type { Child } from './child.ts';
import { now } from './load.ts';
import type { Stage } from './stage.ts';

/** What the floor worker tells. */
export type FloorMark =
  | { readonly mark: 'ready' }
  | { readonly mark: 'started'; readonly id: string; readonly at: number }
  | { readonly mark: 'done'; readonly id: string };

let count = 0;

/** The bare workflow on the same Temporal server: what no platform on Temporal can undercut. */
export class Floor {
  private readonly stage: Stage;
  private readonly child: Child;
  private readonly connection: Connection;
  private readonly client: Client;
  private readonly started = new Map<string, (at: number) => void>();
  private readonly done = new Map<string, () => void>();

  private constructor(stage: Stage, child: Child, connection: Connection) {
    this.stage = stage;
    this.child = child;
    this.connection = connection;
    this.client = new Client({ connection, namespace: 'workspaces' });
    child.onMessage((message: FloorMark) => {
      if (message.mark === 'started') take(this.started, message.id)?.(message.at);
      if (message.mark === 'done') take(this.done, message.id)?.();
    });
  }

  static async start(stage: Stage): Promise<Floor> {
    const { temporalAddress: address } = stage.servers;
    const child = stage.children.spawn('floor-worker', [path.join(root, 'infra/bench/floor-worker.ts')], {
      TEMPORAL_ADDRESS: address,
    });
    await child.message();
    return new Floor(stage, child, await Connection.connect({ address }));
  }

  /** One run to its end; answers with the milliseconds until its second activity was called. */
  async run(): Promise<number> {
    const id = `bench-floor-${(count += 1)}`;
    const begun = now();
    const started = new Promise<number>((resolve) => this.started.set(id, resolve));
    const done = new Promise<void>((resolve) => this.done.set(id, resolve));
    await this.client.workflow.signalWithStart('floor', {
      workflowId: id,
      taskQueue: 'bench-floor',
      args: [id],
      signal: 'poke',
    });
    const at = await started;
    await done;
    return at - begun;
  }

  get pid(): number {
    return this.child.pid;
  }

  async stop(): Promise<void> {
    await this.stage.children.stop(this.child);
    await this.connection.close();
  }
}

function take<T>(map: Map<string, T>, key: string): T | undefined {
  const value = map.get(key);
  map.delete(key);
  return value;
}
