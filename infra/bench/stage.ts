import { randomBytes } from 'node:crypto';
import type Docker from 'dockerode';
import { buildServices, isBuilt } from '../src/build/services.ts';
import { bridgeOf } from '../src/launcher/engine.ts';
import { startTestServers, type TestServers } from '../src/testing/servers.ts';
import { databaseUrl } from '../src/testing/template.ts';
import { Children } from './children.ts';
import { clearEngine, findEngine } from './engine.ts';
import { Gateway } from './gateway.ts';
import { Store } from './store.ts';
import { Workers } from './workers.ts';

const NETWORK = 'holdfast-bench';

export interface StageOptions {
  /** Shown while it is built. */
  readonly tell: (what: string) => void;
  /** Told when a process ends that nobody stopped. */
  readonly onCrash: (error: Error) => void;
  /** Folder for processor profiles. */
  readonly profile: string | undefined;
}

/** Everything figures are measured on: servers of their own that keep what they commit, one gateway, one worker. */
export interface Stage {
  readonly servers: TestServers;
  readonly store: Store;
  readonly children: Children;
  readonly gateway: Gateway;
  readonly workers: Workers;
  /** Undefined when no engine answers. */
  readonly docker: Docker | undefined;
  readonly encryptionKey: string;
  stop(): Promise<void>;
}

export async function startStage({ tell, onCrash, profile }: StageOptions): Promise<Stage> {
  if (!isBuilt()) {
    tell('building the services');
    await buildServices();
  }
  tell('starting Postgres and Temporal');
  const servers = await startTestServers({ durable: true });
  const undo: (() => Promise<unknown>)[] = [() => servers.stop()];
  const stop = async (): Promise<void> => {
    for (let step = undo.pop(); step; step = undo.pop()) await step().catch(() => undefined);
  };
  try {
    const store = await Store.open(databaseUrl(servers.databaseUrl, 'bench'));
    undo.push(() => store.close());
    const docker = await findEngine();
    const bridge = docker && (await bridgeOf(docker, NETWORK));
    undo.push(async () => docker?.getNetwork(NETWORK).remove());
    const children = new Children({ logs: servers.directory, profile, onCrash });
    const owner = `bench-${randomBytes(4).toString('hex')}`;
    undo.push(async () => docker && clearEngine(docker, owner));
    undo.push(() => children.stopAll());
    tell('starting the gateway');
    const encryptionKey = randomBytes(32).toString('base64');
    const shared = {
      DATABASE_URL: store.url,
      TEMPORAL_ADDRESS: servers.temporalAddress,
      SECRETS_ENCRYPTION_KEY: encryptionKey,
    };
    const adminToken = randomBytes(24).toString('base64url');
    const listen = bridge?.listen === undefined ? [] : [bridge.listen];
    const gateway = await Gateway.start({ children, shared, adminToken, listen });
    const workers = new Workers({
      owner,
      children,
      store,
      shared,
      directory: servers.directory,
      network: NETWORK,
      platform: { inContainers: `http://${bridge?.host}:${gateway.port}`, here: `http://127.0.0.1:${gateway.port}` },
    });
    return { servers, store, children, gateway, workers, docker, encryptionKey, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
