import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { applyMigrations } from '@holdfast/prisma/migration/migrations';
import { ensureDatabase } from '@holdfast/prisma/migration/databases';
import Docker from 'dockerode';
import pg from 'pg';
import { buildServices, isBuilt } from '../src/build/services.ts';
import { bridgeOf } from '../src/launcher/engine.ts';
import { processesNaming } from '../src/process/command-lines.ts';
import { anyFreePort } from '../src/process/ports.ts';
import { waitFor } from '../src/process/wait-for.ts';
import { root } from '../src/root.ts';
import { startTestServers, type TestServers } from '../src/testing/servers.ts';
import { databaseUrl } from '../src/testing/template.ts';
import { Child } from './child.ts';
import { Client } from './load.ts';
import { NullWorker } from './null-worker-handle.ts';
import { usageOf, usageOfTree } from './usage.ts';

const START_LIMIT_MS = 60_000;
/** A slow machine is no failure. */
const QUIET_LIMIT_MS = 600_000;
const NETWORK = 'holdfast-bench';
const HOST = 'bench';

export interface StageOptions {
  /** Shown while it is built. */
  readonly tell: (what: string) => void;
  /** Told when a process ends that nobody stopped. */
  readonly onCrash: (error: Error) => void;
  /** Folder for processor profiles. */
  readonly profile: string | undefined;
}

export type ProcessorTimes = Readonly<Record<'gateway' | 'worker' | 'temporal' | 'postgres', number>>;

export interface BareServer {
  readonly url: string;
  readonly pid: number;
  stop(): Promise<void>;
}

/** Everything figures are measured on: servers of their own that keep what they commit, one gateway, one worker. */
export class Stage {
  readonly adminToken = randomBytes(24).toString('base64url');
  readonly encryptionKey = randomBytes(32).toString('base64');
  readonly owner = `bench-${randomBytes(4).toString('hex')}`;
  readonly servers: TestServers;
  readonly pool: pg.Pool;
  readonly docker: Docker | undefined;
  private gatewayChild: Child | undefined;
  private workerChild: Child | undefined;
  private readonly children = new Set<Child>();
  private readonly profiling: string[];
  private readonly onCrash: (error: Error) => void;
  private platformHost = '127.0.0.1';
  private port = 0;

  private constructor(
    servers: TestServers,
    docker: Docker | undefined,
    onCrash: (error: Error) => void,
    profile: string | undefined,
  ) {
    this.servers = servers;
    this.docker = docker;
    this.onCrash = onCrash;
    this.profiling = profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${path.resolve(profile)}`];
    this.pool = new pg.Pool({ connectionString: this.databaseUrl, max: 4 });
  }

  static async start({ tell, onCrash, profile }: StageOptions): Promise<Stage> {
    if (!isBuilt()) {
      tell('building the services');
      await buildServices();
    }
    tell('starting Postgres and Temporal');
    const servers = await startTestServers({ durable: true });
    const stage = new Stage(servers, await engine(), onCrash, profile);
    try {
      await ensureDatabase(stage.databaseUrl);
      await applyMigrations(stage.databaseUrl);
      tell('starting the gateway');
      await stage.startGateway();
      return stage;
    } catch (error) {
      await stage.stop();
      throw error;
    }
  }

  get databaseUrl(): string {
    return databaseUrl(this.servers.databaseUrl, 'bench');
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  get gateway(): Child {
    return present(this.gatewayChild, 'gateway');
  }

  get worker(): Child {
    return present(this.workerChild, 'worker');
  }

  get temporalPid(): number {
    return processesNaming('server start-dev', this.servers.directory)[0] ?? -1;
  }

  get postgresPid(): number {
    const lines = readFileSync(path.join(this.servers.directory, 'postgres/data/postmaster.pid'), 'utf8').split('\n');
    return Number(lines[0]);
  }

  /** Processor time since they began, in milliseconds, of all that works on an operation. */
  processorTimes(): ProcessorTimes {
    return {
      gateway: usageOf(this.gateway.pid).cpuMs,
      worker: this.workerChild ? usageOf(this.workerChild.pid).cpuMs : 0,
      temporal: usageOf(this.temporalPid).cpuMs,
      postgres: usageOfTree(this.postgresPid).cpuMs,
    };
  }

  /** An operator's connections to the gateway. */
  client(connections: number): Client {
    return new Client(this.url, { connections, token: this.adminToken });
  }

  async query<T extends pg.QueryResultRow>(text: string, values: unknown[] = []): Promise<T[]> {
    return (await this.pool.query<T>(text, values)).rows;
  }

  /** Forgets every workspace, once nothing runs any more. */
  async reset(): Promise<void> {
    const open = `SELECT 1 FROM operations WHERE state IN ('accepted', 'running') LIMIT 1`;
    await waitFor(async () => (await this.query(open)).length === 0, {
      timeoutMs: QUIET_LIMIT_MS,
      what: 'the end of all operations',
    });
    const tables = await this.query<{ name: string }>(
      `SELECT quote_ident(tablename) AS name FROM pg_tables
       WHERE schemaname = 'public' AND tablename NOT IN ('_prisma_migrations', 'installation_facts', 'backends', 'loops')`,
    );
    await this.query(`TRUNCATE ${tables.map(({ name }) => name).join(', ')} CASCADE`);
  }

  /** A worker whose boxes are nothing but rows and a register. */
  async nullWorker(): Promise<NullWorker> {
    await this.stopWorker();
    const child = this.spawn(
      'null-worker',
      [path.join(root, 'infra/bench/null-worker.ts')],
      this.workerEnvironment('none'),
    );
    this.workerChild = child;
    const worker = new NullWorker(child);
    await this.served('process');
    return worker;
  }

  /** The worker as it is shipped, with one backend or none. */
  async realWorker(backend: 'docker' | 'process' | 'none', env: Record<string, string> = {}): Promise<void> {
    await this.stopWorker();
    const command = [path.join(root, 'services/worker/dist/main.js')];
    this.workerChild = this.spawn('worker', command, { ...this.workerEnvironment(backend), ...env });
    if (backend !== 'none') await this.served(backend);
  }

  async stopWorker(): Promise<void> {
    if (!this.workerChild) return;
    await this.stopChild(this.workerChild);
    this.workerChild = undefined;
    await this.query('DELETE FROM backends');
  }

  spawn(name: string, command: string[], env: Record<string, string>): Child {
    const child = new Child({
      name,
      command: [...this.profiling, ...command],
      env,
      logs: this.servers.directory,
      onCrash: this.onCrash,
    });
    this.children.add(child);
    return child;
  }

  async stopChild(child: Child): Promise<void> {
    await child.stop();
    this.children.delete(child);
  }

  /** A server that answers everything alike; with `stores` it makes a row of each request first. */
  async bareServer(answer: { status: number; body: string; stores?: boolean }): Promise<BareServer> {
    const env = { BARE_STATUS: String(answer.status), BARE_BODY: answer.body };
    const child = this.spawn('bare-server', [path.join(root, 'infra/bench/bare-server.ts')], {
      ...env,
      ...(answer.stores ? { DATABASE_URL: this.databaseUrl } : {}),
    });
    const { port } = await child.message<{ port: number }>();
    return { url: `http://127.0.0.1:${port}`, pid: child.pid, stop: () => this.stopChild(child) };
  }

  async stop(): Promise<void> {
    await Promise.allSettled([...this.children].map((child) => child.stop()));
    await this.pool.end();
    await this.docker
      ?.getNetwork(NETWORK)
      .remove()
      .catch(() => undefined);
    await this.servers.stop();
  }

  private async startGateway(): Promise<void> {
    this.port = await anyFreePort();
    const addresses = ['127.0.0.1'];
    if (this.docker) {
      const bridge = await bridgeOf(this.docker, NETWORK);
      this.platformHost = bridge.host;
      if (bridge.listen !== undefined) addresses.push(bridge.listen);
    }
    this.gatewayChild = this.spawn('gateway', [path.join(root, 'services/gateway/dist/main.js')], {
      ...this.shared(),
      PORT: String(this.port),
      HOLDFAST_LISTEN: addresses.join(','),
      // Every load comes from one address with one credential.
      RATE_LIMIT: '1000000000',
    });
    const client = this.client(1);
    await waitFor(async () => (await client.call({ method: 'GET', path: '/ready' })).status === 200, {
      timeoutMs: START_LIMIT_MS,
      what: 'the gateway to be ready',
    });
    client.close();
  }

  private shared(): Record<string, string> {
    return {
      DATABASE_URL: this.databaseUrl,
      TEMPORAL_ADDRESS: this.servers.temporalAddress,
      ADMIN_TOKEN: this.adminToken,
      SECRETS_ENCRYPTION_KEY: this.encryptionKey,
    };
  }

  private workerEnvironment(backend: 'docker' | 'process' | 'none'): Record<string, string> {
    return {
      ...this.shared(),
      BACKEND: backend,
      HOLDFAST_OWNER: this.owner,
      HOLDFAST_HOST: HOST,
      HOLDFAST_NETWORK: NETWORK,
      HOLDFAST_DATA_DIR: this.servers.directory,
      HOLDFAST_AGENT: path.join(root, 'services/agent/dist/main.js'),
      HOLDFAST_RUNTIMES: path.join(root, 'infra/runtimes.yaml'),
      HOLDFAST_WORKFLOW_BUNDLE: path.join(root, 'services/worker/dist/workflow-bundle.js'),
      PLATFORM_URL: backend === 'docker' ? `http://${this.platformHost}:${this.port}` : this.url,
    };
  }

  private async served(kind: string): Promise<void> {
    await waitFor(
      async () => (await this.query('SELECT 1 FROM backends WHERE host = $1 AND kind = $2', [HOST, kind])).length > 0,
      {
        timeoutMs: START_LIMIT_MS,
        what: 'a worker that serves',
      },
    );
  }
}

async function engine(): Promise<Docker | undefined> {
  const docker = new Docker();
  try {
    await docker.ping();
    return docker;
  } catch {
    return undefined;
  }
}

function present(child: Child | undefined, what: string): Child {
  if (!child) throw new Error(`there is no ${what} now`);
  return child;
}
