import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import Docker from 'dockerode';
import type { BoxBackend } from '@holdfast/activities/box/backend';
import { dockerBackend } from '@holdfast/activities/box/docker/backend';
import { processBackend } from '@holdfast/activities/box/process/backend';
import type { Database } from '@holdfast/prisma';
import { buildServices, isBuilt } from '../../build/services.ts';
import { ensureAgentImage } from '../../images/agent-image.ts';
import { bridgeOf } from '../../launcher/engine.ts';
import { anyFreePort } from '../../process/ports.ts';
import { waitFor } from '../../process/wait-for.ts';
import { root } from '../../root.ts';
import { testDatabase } from '../database.ts';
import { quietLog } from '../quiet-log.ts';
import { testTemporal, uniqueId } from '../temporal.ts';
import { GatewayClient } from './client.ts';
import { type BoxMachine, type CloudRig, startCloudRig, tenantEnvironment } from './cloud-rig.ts';
import { Program } from './program.ts';

export interface SystemOptions {
  readonly backend: 'docker' | 'process' | 'control-plane' | 'none';
  readonly gateways?: number;
  readonly workers?: number;
  /** Servers of the test's own, which it may stop; the run's when left out. */
  readonly databaseUrl?: string;
  readonly database?: Database;
  readonly temporalAddress?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly owner?: string;
}

/** Generous: a test machine may be doing much else. */
const START_LIMIT_MS = 90_000;

/** The product as it runs in production: real processes on real servers, with boxes of its own. */
export class System {
  readonly db: Database;
  readonly owner: string;
  readonly host: string;
  adminToken = randomBytes(24).toString('base64url');
  readonly encryptionKey = randomBytes(32).toString('base64');
  readonly directory = mkdtempSync(path.join(os.tmpdir(), 'holdfast-system-'));
  gateways: { program: Program; client: GatewayClient }[] = [];
  workers: Program[] = [];
  /** The clouds of its boxes, where they are in clouds. */
  clouds: CloudRig | undefined;
  private backend: BoxBackend | undefined;
  private disposeDatabase: (() => Promise<void>) | undefined;

  private constructor(db: Database, owner: string) {
    this.db = db;
    this.owner = owner;
    this.host = uniqueId('host');
  }

  static async start(options: SystemOptions): Promise<System> {
    if (!isBuilt()) await buildServices();
    const own = options.database ? undefined : await testDatabase();
    const db = options.database ?? own?.database;
    if (!db) throw new Error('a system needs a database');
    const system = new System(db, options.owner ?? uniqueId('owner'));
    system.disposeDatabase = own?.dispose;
    try {
      await system.launch(options, options.databaseUrl ?? own?.url ?? '');
      return system;
    } catch (error) {
      await system.stop();
      throw error;
    }
  }

  /** A gateway's client; they take turns when no number is given. */
  api(number?: number): GatewayClient {
    const chosen = this.gateways[number ?? Math.floor(Math.random() * this.gateways.length)];
    if (!chosen) throw new Error('no such gateway');
    return chosen.client;
  }

  /** The boxes that really run, as the backend sees them. */
  async realBoxes(): Promise<{ boxId: string; workspaceId: string }[]> {
    if (this.clouds) return this.withWorkspaces(this.clouds.machines());
    const seen = (await this.backend?.list()) ?? [];
    return seen.filter(({ running }) => running).map(({ boxId, workspaceId }) => ({ boxId, workspaceId }));
  }

  private async withWorkspaces(machines: readonly BoxMachine[]): Promise<{ boxId: string; workspaceId: string }[]> {
    const ledger = await this.db.box.findMany({ select: { id: true, workspaceId: true } });
    const workspaces = new Map(ledger.map(({ id, workspaceId }) => [id, workspaceId]));
    return machines.map(({ boxId }) => ({ boxId, workspaceId: workspaces.get(boxId) ?? 'of nobody' }));
  }

  /** Waits until every program that was started answers. */
  async ready(): Promise<void> {
    await Promise.all(this.gateways.map(({ client, program }) => answers(client, program)));
    if (this.backend ?? this.clouds) {
      const what = `the backends of ${this.host}: ${this.workers.map((worker) => worker.lastWords()).join(' | ')}`;
      const here = { where: { host: this.host } };
      await waitFor(() => this.db.backend.findFirst(here), { timeoutMs: START_LIMIT_MS, what });
    }
  }

  /** Stops everything, the boxes too, and removes what it left. */
  async stop(): Promise<void> {
    await Promise.all(
      [...this.gateways.map(({ program }) => program), ...this.workers].map((program) => program.end()),
    );
    for (const box of (await this.backend?.list()) ?? []) {
      await this.backend?.stop(box);
      await this.backend?.removeVolumes(box.workspaceId, { purge: true });
    }
    await this.removeVolumes();
    await this.clouds?.close();
    await this.disposeDatabase?.();
    rmSync(this.directory, { recursive: true, force: true });
  }

  private async removeVolumes(): Promise<void> {
    for (const { id } of await this.db.workspace.findMany({ select: { id: true } }))
      await this.backend?.removeVolumes(id, { purge: true });
  }

  /** @returns what its programs are told of them */
  private async openClouds(
    databaseUrl: string,
    platformUrl: string,
    env: Readonly<Record<string, string>> = {},
  ): Promise<Record<string, string>> {
    const log = path.join(this.directory, 'control-plane.log');
    const level = env['LOG_LEVEL'] ?? 'warn';
    this.clouds = await startCloudRig({ databaseUrl, platforms: [platformUrl], log, env: { LOG_LEVEL: level } });
    const tenant = tenantEnvironment(this.clouds);
    this.adminToken = tenant['ADMIN_TOKEN'] ?? '';
    return tenant;
  }

  private async launch(options: SystemOptions, databaseUrl: string): Promise<void> {
    const docker = options.backend === 'docker' ? new Docker() : undefined;
    const network = 'holdfast-test';
    const bridge = docker && (await bridgeOf(docker, network));
    const listen = ['127.0.0.1', ...(bridge?.listen ? [bridge.listen] : [])].join(',');
    const ports = await Promise.all(Array.from({ length: options.gateways ?? 1 }, () => anyFreePort()));
    const boxesFolder = path.join(this.directory, 'boxes');
    const agent = path.join(root, 'services/agent/dist/main.js');
    if (docker) this.backend = dockerBackend({ docker, owner: this.owner, network, log: quietLog });
    if (options.backend === 'process') {
      this.backend = processBackend({
        owner: this.owner,
        directory: boxesFolder,
        agent: { command: [process.execPath, agent], baseEnv: { PATH: process.env['PATH'] ?? '' } },
      });
    }
    const platformUrl = `http://${bridge?.host ?? '127.0.0.1'}:${ports[0]}`;
    const tenant =
      options.backend === 'control-plane' ? await this.openClouds(databaseUrl, platformUrl, options.env) : {};
    const shared: Record<string, string> = {
      DATABASE_URL: databaseUrl,
      TEMPORAL_ADDRESS: options.temporalAddress ?? testTemporal().address,
      HOLDFAST_QUEUE: uniqueId('operations'),
      ADMIN_TOKEN: this.adminToken,
      SECRETS_ENCRYPTION_KEY: this.encryptionKey,
      WORKFLOW_TASK_TIMEOUT_MS: '5000',
      RATE_LIMIT: '1000000',
      ...tenant,
      ...options.env,
    };
    const logs = path.join(this.directory, 'logs');
    this.gateways = ports.map((port, index) => ({
      program: new Program(`gateway-${index}`, {
        service: 'gateway',
        logs,
        env: { ...shared, PORT: String(port), HOLDFAST_LISTEN: listen },
      }),
      client: new GatewayClient(`http://127.0.0.1:${port}`, this.adminToken, shared['MOLECULE_ORG_ID']),
    }));
    const worker = {
      ...shared,
      HOLDFAST_LOOPS_QUEUE: uniqueId('loops'),
      HOLDFAST_OWNER: this.owner,
      HOLDFAST_HOST: this.host,
      HOLDFAST_DATA_DIR: this.directory,
      HOLDFAST_AGENT: agent,
      HOLDFAST_WORKFLOW_BUNDLE: path.join(root, 'services/worker/dist/workflow-bundle.js'),
      HOLDFAST_RUNTIMES: path.join(root, 'infra/runtimes.yaml'),
      HOLDFAST_NETWORK: network,
      BACKEND: options.backend,
      PLATFORM_URL: platformUrl,
      REALITY_CHECK_INTERVAL_MS: '2000',
      OWED_BOXES_INTERVAL_MS: '2000',
      PRESENCE_INTERVAL_MS: '1000',
      OPERATION_HEARTBEAT_MS: '2000',
      OPERATION_SETTLE_MS: '15000',
      ...(docker ? { HOLDFAST_AGENT_IMAGE: await ensureAgentImage(docker) } : {}),
      ...options.env,
    };
    this.workers = Array.from(
      { length: options.workers ?? 1 },
      (_, index) => new Program(`worker-${index}`, { service: 'worker', logs, env: worker }),
    );
    for (const { program } of this.gateways) program.start();
    for (const program of this.workers) program.start();
    await this.ready();
  }
}

async function answers(client: GatewayClient, program: Program): Promise<void> {
  const healthy = async (): Promise<boolean> => (await client.call('GET', '/health', { token: null })).status === 200;
  await waitFor(healthy, { timeoutMs: START_LIMIT_MS, what: 'the gateway to answer' }).catch((error: unknown) => {
    throw new Error(program.lastWords(), { cause: error });
  });
}
