import { rmSync } from 'node:fs';
import path from 'node:path';
import { StartFailure } from '../failure.ts';
import type { Api } from '../launcher/api.ts';
import { readConfig } from '../launcher/config.ts';
import { migrate } from '../launcher/database.ts';
import { Launcher } from '../launcher/launcher.ts';
import type { Report } from '../launcher/report.ts';
import { startPostgres } from '../postgres/server.ts';
import { anyFreePort } from '../process/ports.ts';
import {
  type Cloud,
  startEc2Cloud,
  startGcpCloud,
  startHetznerCloud,
  startSimulator,
} from '../testing/clouds/index.ts';
import { serverDirectory } from '../testing/servers.ts';
import { startControlPlane } from '../testing/system/control-plane.ts';

/** Three clouds whose machines run agents, a control plane in front of them, and an installation that asks it. */
export interface Stage {
  readonly clouds: readonly Cloud[];
  cloud(name: Cloud['name']): Cloud;
  readonly api: Api;
  /** What the command line is told. */
  readonly environment: Readonly<Record<string, string>>;
  readonly webUi: string | undefined;
}

/** Opens the stage and takes it down again. All of it is this story's own: nothing of a running installation is touched. */
export class StageHand {
  private readonly report: Report;
  private readonly undo: (() => Promise<unknown>)[] = [];
  private opening: Promise<Stage> | undefined;
  private launcher: Launcher | undefined;

  constructor(report: Report) {
    this.report = report;
  }

  open(): Promise<Stage> {
    this.opening ??= this.build();
    return this.opening;
  }

  /** Takes down what is up, the latest first; what is just being started is waited for, or ended at once if it can be. */
  async close(): Promise<void> {
    await this.launcher?.stop();
    await Promise.allSettled([this.opening]);
    for (let step = this.undo.pop(); step !== undefined; step = this.undo.pop()) await step();
  }

  private async build(): Promise<Stage> {
    if (process.platform !== 'linux') {
      throw new StartFailure(
        'The story needs Linux: its machines listen on addresses that only Linux has, 127.0.0.0/8.',
      );
    }
    const directory = await serverDirectory();
    this.undo.push(async () => rmSync(directory, { recursive: true, force: true }));
    const clouds = await this.report.step('Three clouds: aws, hetzner, gcp', () => this.clouds());
    const port = await anyFreePort();
    const platformUrl = `http://127.0.0.1:${port}`;
    const { databaseUrl, controlPlane } = await this.report.step('The control plane, with a database', async () => {
      const database = await this.database(directory);
      const plane = await startControlPlane({ clouds, databaseUrl: database, platforms: [platformUrl] });
      this.undo.push(() => plane.stop());
      return { databaseUrl: database, controlPlane: plane };
    });
    const [tenant] = controlPlane.tenants;
    if (!tenant) throw new Error('the control plane has no tenant');
    const { PATH, HOME } = process.env;
    const environment = {
      PATH,
      HOME,
      HOLDFAST_DATA_DIR: directory,
      DATABASE_URL: databaseUrl,
      BACKEND: 'control-plane',
      PORT: String(port),
      PLATFORM_URL: platformUrl,
      ADMIN_TOKEN: tenant.adminToken,
      MOLECULE_ORG_ID: tenant.orgId,
      MOLECULE_CP_SHARED_SECRET: tenant.sharedSecret,
      CP_PROVISION_URL: controlPlane.url,
    };
    this.launcher = new Launcher(readConfig(environment), this.report, { isDev: false, environment });
    const { api, webUi } = await this.launcher.start();
    return {
      clouds,
      api,
      webUi,
      cloud: (name) => found(clouds, name),
      environment: { HOLDFAST_URL: platformUrl, HOLDFAST_TOKEN: tenant.adminToken, HOLDFAST_ORG_ID: tenant.orgId },
    };
  }

  private async clouds(): Promise<readonly Cloud[]> {
    const clouds: Cloud[] = [];
    for (const start of [startEc2Cloud, startHetznerCloud, startGcpCloud]) {
      const cloud = await start();
      clouds.push(cloud);
      this.undo.push(() => cloud.stop());
    }
    const simulator = startSimulator(clouds);
    this.undo.push(() => simulator.stop());
    return clouds;
  }

  private async database(directory: string): Promise<string> {
    const postgres = await startPostgres({ directory: path.join(directory, 'postgres'), port: await anyFreePort() });
    this.undo.push(() => postgres.stop());
    const url = postgres.url('holdfast');
    await migrate(url);
    return url;
  }
}

function found(clouds: readonly Cloud[], name: Cloud['name']): Cloud {
  const cloud = clouds.find((one) => one.name === name);
  if (!cloud) throw new RangeError(`there is no cloud ${name}`);
  return cloud;
}
