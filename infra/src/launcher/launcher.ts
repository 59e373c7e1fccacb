import { once } from 'node:events';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Environment } from '@holdfast/activities/config/read-environment';
import { buildServices, isBuilt } from '../build/services.ts';
import { StartFailure } from '../failure.ts';
import { findTemporal } from '../temporal/program.ts';
import { Api } from './api.ts';
import type { LauncherConfig } from './config.ts';
import { migrate, openPostgres } from './database.ts';
import { type Boxes, type Installation, serviceEnvironment } from './environment.ts';
import { agentImage, bridgeOf, findEngine } from './engine.ts';
import { type FirstWorkspace, deleteWorkspace, openFirst, untilOnline } from './first-workspace.ts';
import { identityOf } from './identity.ts';
import { lockData } from './lock.ts';
import { Ports } from './ports.ts';
import { stopProcessBoxes } from './process-boxes.ts';
import type { Report } from './report.ts';
import { Service } from './service.ts';
import { openTemporal } from './temporal.ts';
import { watchSources } from './watch-sources.ts';

const START_LIMIT_MS = 60_000;
/** How long stopping waits for a server that is just being started. */
const STARTING_LIMIT_MS = 60_000;
const PORT_TRIES = 5;

/** All that a start brought up. */
export interface Running {
  readonly api: Api;
  readonly webUi: string | undefined;
  readonly boxes: Boxes;
  /** The tenant that is served, if one is. */
  readonly orgId: string | undefined;
}

/** Brings up everything Holdfast needs on one machine and takes it down again, in order. */
export class Launcher {
  private readonly config: LauncherConfig;
  private readonly report: Report;
  private readonly isDev: boolean;
  private readonly environment: Environment;
  /** What is to be undone, latest first. */
  private readonly undo: (() => Promise<unknown> | void)[] = [];
  /** What is being started and cannot be interrupted. */
  private readonly starting = new Set<Promise<unknown>>();
  private readonly stopping = new AbortController();
  private stopped: Promise<void> | undefined;

  /**
   * @param options.isDev build and start the services again whenever their sources change
   * @param options.environment what the services get as it is; that of this process unless told
   */
  constructor(config: LauncherConfig, report: Report, options: { isDev: boolean; environment?: Environment }) {
    this.config = config;
    this.report = report;
    this.isDev = options.isDev;
    this.environment = options.environment ?? process.env;
  }

  /** @throws StartFailure with what went wrong and what to do; what is up by then is left to `stop` */
  async start(): Promise<Running> {
    const { config } = this;
    this.undo.push(lockData(config.data));
    const identity = identityOf(config);
    const ports = new Ports(config.data);
    // What would fail at the end of the start fails at its begin.
    const engine = await findEngine(config.backend);
    if (config.port !== undefined) await this.apiPort(ports, config.listen?.split(',') ?? ['127.0.0.1']);
    const ownTemporal = config.temporalAddress === undefined;
    const program = ownTemporal ? await this.step('Temporal CLI', (tell) => findTemporal({ tell })) : undefined;
    const [database, temporal] = await this.step('Postgres and Temporal', () =>
      this.servers([openPostgres(config, ports), openTemporal(config, ports, program)]),
    );
    await this.step('Database schema', () => migrate(database.url));
    if (!isBuilt()) await this.step('Building the services', () => buildServices());
    const bridge = engine && (await bridgeOf(engine, config.network));
    const image = engine && (await this.step('Image of the reference agent', () => agentImage(engine)));
    const boxes = config.backend === 'auto' ? (engine ? 'docker' : 'process') : config.backend;
    this.undo.push(() => stopProcessBoxes(path.join(config.data, 'boxes'), identity.owner));
    const { environment } = this;
    const servers = { database: database.url, temporal: temporal.address };
    const installation = { environment, config, identity, boxes, bridge, image, ...servers };
    const api = await this.step('Worker and gateway', () => this.services(installation, ports));
    return { api, webUi: temporal.webUi, boxes, orgId: config.orgId };
  }

  /** Shows a workspace coming online, does what is wanted with it, and deletes it when it was made for that only. */
  async withFirstWorkspace(
    { api }: Running,
    options: { keep: boolean },
    use: (first: FirstWorkspace) => Promise<void>,
  ): Promise<void> {
    const first = await openFirst(api);
    try {
      await this.step('First workspace', (tell) => untilOnline(api, first.id, tell));
      await use(first);
    } finally {
      if (!options.keep && first.isNew) await this.step('Deleting it again', () => deleteWorkspace(api, first.id));
    }
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

  /** Starts worker and gateway; again on another port when somebody was faster with the one that was free. */
  private async services(installation: Installation, ports: Ports): Promise<Api> {
    const { config, identity, boxes, bridge } = installation;
    const addresses = config.listen?.split(',') ?? ['127.0.0.1', ...(bridge?.listen ? [bridge.listen] : [])];
    for (let tries = 1; ; tries++) {
      const port = await this.apiPort(ports, addresses);
      const api = new Api(`http://127.0.0.1:${port}`, identity.adminToken, config.orgId);
      const env = serviceEnvironment(installation, { port, addresses });
      const worker = this.service('worker', env);
      const gateway = this.service('gateway', env);
      try {
        await Promise.all([
          worker.start(() => hasWorker(api, env.HOLDFAST_HOST, boxes), START_LIMIT_MS),
          gateway.start(() => api.isReady(), START_LIMIT_MS),
        ]);
        if (this.isDev) this.undo.push(watchSources(() => void this.renew([worker, gateway])));
        return api;
      } catch (error) {
        await Promise.all([worker.stop(), gateway.stop()]);
        if (config.port !== undefined || tries === PORT_TRIES || (await ports.isFree(port, addresses))) throw error;
      }
    }
  }

  /** Builds the services from their changed sources and starts them again; what cannot be built changes nothing. */
  private async renew(services: readonly Service[]): Promise<void> {
    try {
      await this.step('Building the changed services', () => buildServices());
      await this.step('Starting them again', () => Promise.all(services.map((service) => service.restart())));
    } catch (error) {
      if (!this.isStopping) this.report.line((error as Error).message);
    }
  }

  private service(name: 'gateway' | 'worker', env: NodeJS.ProcessEnv): Service {
    const service = new Service({
      name,
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
    if (await ports.isFree(port, addresses)) {
      // Written down as one that was chosen is: the command line of the checkout looks there.
      ports.keep('api', port);
      return port;
    }
    throw new StartFailure(`Port ${port} is taken by another program: stop that one, or set PORT to another port.`);
  }
}

/** True once a worker of this host says that it serves what boxes need. */
async function hasWorker(api: Api, host: string, boxes: Boxes): Promise<boolean> {
  if (boxes === 'none') return await api.isReady();
  const { body } = await api.call('GET', '/backends');
  const rows = body as unknown as readonly { host: string; kind: string; away: boolean }[];
  return rows.some((row) => row.host === host && row.kind === boxes && !row.away);
}
