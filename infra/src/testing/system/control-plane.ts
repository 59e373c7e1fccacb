import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { bareEnvironment } from '../../process/bare-environment.ts';
import { anyFreePort } from '../../process/ports.ts';
import { waitFor } from '../../process/wait-for.ts';
import { root } from '../../root.ts';
import type { Cloud } from '../clouds/cloud.ts';
import { uniqueId } from '../temporal.ts';

const lifeline = path.join(root, 'infra/src/launcher/die-with-launcher.ts');
const main = path.join(root, 'services/control-plane/src/main.ts');
const START_LIMIT_MS = 30_000;

/** What a tenant platform is told when it becomes a customer. */
export interface TestTenant {
  readonly orgId: string;
  readonly sharedSecret: string;
  readonly adminToken: string;
}

export interface TestControlPlane extends AsyncDisposable {
  readonly url: string;
  /** In the order of the organisations that were asked for. */
  readonly tenants: readonly TestTenant[];
  stop(): Promise<void>;
}

export interface TestControlPlaneOptions {
  readonly clouds: readonly Cloud[];
  /** A database of its own, or one it shares with the platform: it has its own schema. */
  readonly databaseUrl: string;
  /** Where each organisation's platform is; one organisation with an unused address unless told. */
  readonly platforms?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** A file that its log is kept in. */
  readonly log?: string;
}

/** The control plane as a process, as an operator would run it, in front of these clouds. */
export async function startControlPlane(options: TestControlPlaneOptions): Promise<TestControlPlane> {
  const { clouds, databaseUrl, platforms = ['http://127.0.0.1:9'], env = {} } = options;
  const folder = mkdtempSync(path.join(os.tmpdir(), 'holdfast-control-plane-'));
  const tenants = platforms.map(() => ({
    orgId: uniqueId('org'),
    sharedSecret: randomBytes(24).toString('base64url'),
    adminToken: randomBytes(24).toString('base64url'),
  }));
  const organisations = path.join(folder, 'organisations.json');
  const entries = tenants.map(({ orgId, sharedSecret, adminToken }, place) => ({
    id: orgId,
    secrets: [sharedSecret],
    admin_token: adminToken,
    platform_url: platforms[place],
  }));
  writeFileSync(organisations, JSON.stringify(entries), { mode: 0o600 });
  const port = await anyFreePort();
  const url = `http://127.0.0.1:${port}`;
  const log = options.log === undefined ? undefined : openSync(options.log, 'a');
  const child = spawn(process.execPath, ['--import', lifeline, main], {
    cwd: root,
    env: {
      ...bareEnvironment(),
      DATABASE_URL: databaseUrl,
      SECRETS_ENCRYPTION_KEY: randomBytes(32).toString('base64'),
      HOLDFAST_OWNER: uniqueId('control-plane'),
      PORT: String(port),
      CONTROL_PLANE_URL: url,
      CONTROL_PLANE_ORGANISATIONS: organisations,
      CONTROL_PLANE_PROVIDERS: clouds.map(({ name }) => name).join(','),
      CONTROL_PLANE_LOOK_MS: '200',
      // What the clouds of the tests have made they show at once.
      CONTROL_PLANE_VISIBLE_MS: '1',
      LOG_LEVEL: 'warn',
      ...Object.assign({}, ...clouds.map(({ environment }) => environment)),
      ...env,
    },
    stdio: ['ignore', log ?? 'ignore', 'pipe', 'ipc'],
  });
  if (log !== undefined) closeSync(log);
  const words = text(child.stderr as Readable);
  await waitFor(async () => hasEnded(child) || (await answers(url)), {
    timeoutMs: START_LIMIT_MS,
    what: 'a control plane',
  });
  if (hasEnded(child)) throw new Error(`the control plane ended: ${await words}`);
  const stop = async (): Promise<void> => {
    if (!hasEnded(child)) {
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
    }
    rmSync(folder, { recursive: true, force: true });
  };
  return { url, tenants, stop, [Symbol.asyncDispose]: stop };
}

const hasEnded = ({ exitCode, signalCode }: ChildProcess): boolean => exitCode !== null || signalCode !== null;

const answers = (url: string): Promise<boolean> =>
  fetch(`${url}/cp/capabilities`).then(
    () => true,
    () => false,
  );
