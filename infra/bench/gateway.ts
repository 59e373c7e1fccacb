import path from 'node:path';
import { anyFreePort } from '../src/process/ports.ts';
import { waitFor } from '../src/process/wait-for.ts';
import { root } from '../src/root.ts';
import type { Child } from './child.ts';
import type { Children } from './children.ts';
import { Client } from './load.ts';

const START_LIMIT_MS = 60_000;

export interface GatewayOptions {
  readonly children: Children;
  /** What every process of the platform is told. */
  readonly shared: Readonly<Record<string, string>>;
  readonly adminToken: string;
  /** Addresses besides loopback. */
  readonly listen: readonly string[];
}

/** The gateway as it is shipped. */
export class Gateway {
  readonly port: number;
  private readonly options: GatewayOptions;
  private child: Child;

  private constructor(options: GatewayOptions, port: number) {
    this.options = options;
    this.port = port;
    this.child = this.spawn();
  }

  static async start(options: GatewayOptions): Promise<Gateway> {
    const gateway = new Gateway(options, await anyFreePort());
    await gateway.ready();
    return gateway;
  }

  get pid(): number {
    return this.child.pid;
  }

  /** Another process in its place, without what the loads before have left in its memory. */
  async restart(): Promise<void> {
    await this.options.children.stop(this.child);
    this.child = this.spawn();
    await this.ready();
  }

  /** An operator's connections. */
  client(connections: number): Client {
    return new Client(`http://127.0.0.1:${this.port}`, { connections, token: this.options.adminToken });
  }

  private spawn(): Child {
    const { children, shared, adminToken, listen } = this.options;
    return children.spawn('gateway', [path.join(root, 'services/gateway/dist/main.js')], {
      ...shared,
      ADMIN_TOKEN: adminToken,
      PORT: String(this.port),
      HOLDFAST_LISTEN: ['127.0.0.1', ...listen].join(','),
      // Every load comes from one address with one credential.
      RATE_LIMIT: '1000000000',
    });
  }

  private async ready(): Promise<void> {
    const client = this.client(1);
    const isReady = async (): Promise<boolean> => (await client.call({ method: 'GET', path: '/ready' })).status === 200;
    await waitFor(isReady, { timeoutMs: START_LIMIT_MS, what: 'the gateway to be ready' });
    client.close();
  }
}
