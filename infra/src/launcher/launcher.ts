import { once } from 'node:events';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { buildServices, isBuilt } from '../build/services.ts';
import { StartFailure } from '../failure.ts';
import { Api } from './api.ts';
import type { LauncherConfig } from './config.ts';
import { migrate, openPostgres } from './database.ts';
import { agentImage, bridgeOf, findEngine } from './engine.ts';
import { type FirstWorkspace, bringFirstOnline } from './first-workspace.ts';
import { identityOf } from './identity.ts';
import { root } from '../root.ts';
import { lockData } from './lock.ts';
import { Ports } from './ports.ts';
import { stopProcessBoxes } from './process-boxes.ts';
import type { Report } from './report.ts';
import { serviceCommands } from './services.ts';
import { Service } from './service.ts';
import { openTemporal } from './temporal.ts';

const START_LIMIT_MS = 60_000;
/** How long stopping waits for a server that is just being started. */
const STARTING_LIMIT_MS = 5_000;

/** All that a start brought up. */
export interface Running {
  readonly api: Api;
  readonly webUi: string | undefined;
  readonly boxes: 'docker' | 'process' | 'none';
}

/** Brings up everything Holdfast needs on one machine and takes it down again, in order. */
export class Launcher {
  private readonly config: LauncherConfig;
  private readonly report: Report;
  private readonly fromSource: boolean;
  /** What is to be undone, latest first. */
  private readonly undo: (() => Promise<unknown> | void)[] = [];
  /** What is being started and cannot be interrupted. */
  private readonly starting = new Set<Promise<unknown>>();
  private readonly stopping = new AbortController();
  private stopped: Promise<void> | undefined;

  /** @param options.fromSource run the services from their sources and again at every change */
  constructor(config: LauncherConfig, report: Report, options: { fromSource: boolean }) {
    this.config = config;
    this.report = report;
    this.fromSource = options.fromSource;
  }

  /** @throws StartFailure with what went wrong and what to do; what is up by then is left to `stop` */
  async start(): Promise<Running> {
    const { config } = this;
    this.undo.push(lockData(config.data));
    const identity = identityOf(config);
    const ports = new Ports(config.data);
    const [database, temporal] = await this.step('Postgres and Temporal', (tell) =>
      this.servers([openPostgres(config, ports), openTemporal(config, ports, tell)]),
    );
    await this.step('Database schema', () => migrate(database.url));
    if (!this.fromSource && !isBuilt()) await this.step('Building the services', () => buildServices());
    const engine = await findEngine(config.backend);
    const bridge = engine && (await bridgeOf(engine, config.network));
    const image = engine && (await this.step('Image of the reference agent', () => agentImage(engine)));
    const addresses = config.listen?.split(',') ?? ['127.0.0.1', ...(bridge?.listen ? [bridge.listen] : [])];
    const port = await this.apiPort(ports, addresses);
    const api = new Api(`http://127.0.0.1:${port}`, identity.adminToken);
    const boxes = config.backend === 'auto' ? (engine ? 'docker' : 'process') : config.backend;
    const env = {
      ...process.env,
      DATABASE_URL: database.url,
      TEMPORAL_ADDRESS: temporal.address,
      PORT: String(port),
      HOLDFAST_LISTEN: addresses.join(','),
      PLATFORM_URL: config.platformUrl ?? `http://${bridge?.host ?? '127.0.0.1'}:${port}`,
      ADMIN_TOKEN: identity.adminToken,
      SECRETS_ENCRYPTION_KEY: identity.encryptionKey,
      HOLDFAST_OWNER: identity.owner,
      HOLDFAST_HOST: process.env['HOLDFAST_HOST'] ?? os.hostname(),
      HOLDFAST_DATA_DIR: config.data,
      HOLDFAST_LAUNCHER: '1',
      HOLDFAST_NETWORK: config.network,
      HOLDFAST_AGENT: path.join(root, 'services/agent/dist/main.js'),
      HOLDFAST_WORKFLOW_BUNDLE: path.join(root, 'services/worker/dist/workflow-bundle.js'),
      HOLDFAST_RUNTIMES: process.env['HOLDFAST_RUNTIMES'] ?? path.join(root, 'infra/runtimes.yaml'),
      BACKEND: boxes,
      ...(image === undefined ? {} : { HOLDFAST_AGENT_IMAGE: image }),
    };
    this.undo.push(() => stopProcessBoxes(path.join(config.data, 'boxes'), identity.owner));
    await this.step('Worker and gateway', () =>
      Promise.all([
        this.service('worker', env).start(() => hasWorker(api, env.HOLDFAST_HOST, boxes), START_LIMIT_MS),
        this.service('gateway', env).start(() => api.isReady(), START_LIMIT_MS),
      ]),
    );
    return { api, webUi: temporal.webUi, boxes };
  }

  /** Shows a workspace coming online. */
  async firstWorkspace({ api }: Running): Promise<FirstWorkspace> {
    return await this.step('First workspace', (tell) => bringFirstOnline(api, tell));
  }

  /** Whether there is anything to stop. */
  get hasBegun(): boolean {
    return this.undo.length > 0 || this.isStopping;
  }

  get isStopping(): boolean {
    return this.stopped !== undefined;
  }

  /** Takes down what is up; the same end for every caller. */
  stop(): Promise<void> {
    this.stopping.abort();
    this.stopped ??= this.unwind();
    return this.stopped;
  }

  private async unwind(): Promise<void> {
    await Promise.race([Promise.allSettled(this.starting), pause(STARTING_LIMIT_MS, undefined, { ref: false })]);
    for (let step = this.undo.pop(); step !== undefined; step = this.undo.pop()) {
      try {
        await step();
      } catch (error) {
        this.report.line(`While stopping: ${(error as Error).message}`);
      }
    }
  }

  /** One step of the start; it ends at once when all is to be stopped. */
  private async step<T>(title: string, work: (tell: (now: string) => void) => Promise<T>): Promise<T> {
    const { signal } = this.stopping;
    signal.throwIfAborted();
    const aborted = once(signal, 'abort').then(() => Promise.reject(new Error('stopped')));
    aborted.catch(() => undefined);
    return await this.report.step(title, (tell) => Promise.race([work(tell), aborted]));
  }

  /** Waits for all, and only then fails with the first failure: what did start is known and will be stopped. */
  private async servers<const T extends readonly Promise<{ stop(): Promise<void> }>[]>(starts: T) {
    const kept = starts.map(async (start) => {
      const started = await start;
      this.undo.push(() => started.stop());
      return started;
    });
    for (const start of kept) this.starting.add(start);
    await Promise.allSettled(kept);
    return (await Promise.all(kept)) as { -readonly [K in keyof T]: Awaited<T[K]> };
  }

  private service(name: 'gateway' | 'worker', env: NodeJS.ProcessEnv): Service {
    const service = new Service({
      name,
      ...serviceCommands(this.fromSource)[name],
      env,
      logs: path.join(this.config.data, 'logs'),
      onCrash: (crashed, log) =>
        this.report.line(`The ${crashed} ended unexpectedly and is started again (log: ${log}).`),
    });
    this.undo.push(() => service.stop());
    return service;
  }

  private async apiPort(ports: Ports, addresses: readonly string[]): Promise<number> {
    const { port } = this.config;
    if (port === undefined) return await ports.choose('api', addresses);
    if (await ports.isFree(port, addresses)) return port;
    throw new StartFailure(`Port ${port} is taken by another program: stop that one, or set PORT to another port.`);
  }
}

/** True once a worker of this host says that it serves what boxes need. */
async function hasWorker(api: Api, host: string, boxes: Running['boxes']): Promise<boolean> {
  if (boxes === 'none') return await api.isReady();
  const { body } = await api.call('GET', '/backends');
  const rows = body as unknown as readonly { host: string; kind: string; away: boolean }[];
  return rows.some((row) => row.host === host && row.kind === boxes && !row.away);
}
