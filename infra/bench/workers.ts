import path from 'node:path';
import { waitFor } from '../src/process/wait-for.ts';
import { root } from '../src/root.ts';
import type { Child } from './child.ts';
import type { Children } from './children.ts';
import { NullWorker } from './null-worker-handle.ts';
import type { Store } from './store.ts';

const START_LIMIT_MS = 60_000;
const HOST = 'bench';

export interface WorkersOptions {
  /** Whose boxes these are. */
  readonly owner: string;
  readonly children: Children;
  readonly store: Store;
  /** What every process of the platform is told. */
  readonly shared: Readonly<Record<string, string>>;
  /** Folder of boxes that are processes. */
  readonly directory: string;
  readonly network: string;
  /** The gateway as boxes reach it. */
  readonly platform: { readonly inContainers: string; readonly here: string };
}

/** The worker of a run: one at a time, so that the host's task queue has one. */
export class Workers {
  private readonly options: WorkersOptions;
  private child: Child | undefined;

  constructor(options: WorkersOptions) {
    this.options = options;
  }

  get owner(): string {
    return this.options.owner;
  }

  get network(): string {
    return this.options.network;
  }

  /** Of the worker that runs; undefined when none does. */
  get pid(): number | undefined {
    return this.child?.pid;
  }

  /** A worker whose boxes are nothing but rows and a register. */
  async startNull(): Promise<NullWorker> {
    const child = await this.start('null-worker', 'infra/bench/null-worker.ts', this.environment('none'));
    const worker = new NullWorker(child);
    await this.served('process');
    return worker;
  }

  /** The worker as it is shipped, with one backend or none. */
  async startReal(backend: 'docker' | 'process' | 'none', env: Readonly<Record<string, string>> = {}): Promise<void> {
    await this.start('worker', 'services/worker/dist/main.js', { ...this.environment(backend), ...env });
    if (backend !== 'none') await this.served(backend);
  }

  async stop(): Promise<void> {
    if (!this.child) return;
    await this.options.children.stop(this.child);
    this.child = undefined;
    await this.options.store.query('DELETE FROM backends');
  }

  private async start(name: string, program: string, env: Readonly<Record<string, string>>): Promise<Child> {
    await this.stop();
    this.child = this.options.children.spawn(name, [path.join(root, program)], env);
    return this.child;
  }

  private environment(backend: 'docker' | 'process' | 'none'): Record<string, string> {
    const { shared, owner, network, directory, platform } = this.options;
    return {
      ...shared,
      BACKEND: backend,
      HOLDFAST_OWNER: owner,
      HOLDFAST_HOST: HOST,
      HOLDFAST_NETWORK: network,
      HOLDFAST_DATA_DIR: directory,
      HOLDFAST_AGENT: path.join(root, 'services/agent/dist/main.js'),
      HOLDFAST_RUNTIMES: path.join(root, 'infra/runtimes.yaml'),
      HOLDFAST_WORKFLOW_BUNDLE: path.join(root, 'services/worker/dist/workflow-bundle.js'),
      PLATFORM_URL: backend === 'docker' ? platform.inContainers : platform.here,
    };
  }

  private async served(kind: string): Promise<void> {
    const text = 'SELECT 1 FROM backends WHERE host = $1 AND kind = $2';
    const isServed = async (): Promise<boolean> => (await this.options.store.query(text, [HOST, kind])).length > 0;
    await waitFor(isServed, { timeoutMs: START_LIMIT_MS, what: 'a worker that serves' });
  }
}
