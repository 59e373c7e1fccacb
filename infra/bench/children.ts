import path from 'node:path';
import { Child } from './child.ts';

export interface ChildrenOptions {
  /** Folder of their logs. */
  readonly logs: string;
  /** Folder for processor profiles; none are made without. */
  readonly profile: string | undefined;
  /** Told when one ends that nobody stopped. */
  readonly onCrash: (error: Error) => void;
}

/** The Node processes of a run, so that none is forgotten. */
export class Children {
  private readonly options: ChildrenOptions;
  private readonly running = new Set<Child>();

  constructor(options: ChildrenOptions) {
    this.options = options;
  }

  /** @param command arguments of Node */
  spawn(name: string, command: readonly string[], env: Readonly<Record<string, string>>): Child {
    const { logs, profile, onCrash } = this.options;
    const profiling = profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${path.resolve(profile)}`];
    const child = new Child({ name, command: [...profiling, ...command], env, logs, onCrash });
    this.running.add(child);
    return child;
  }

  async stop(child: Child): Promise<void> {
    await child.stop();
    this.running.delete(child);
  }

  async stopAll(): Promise<void> {
    await Promise.allSettled([...this.running].map((child) => this.stop(child)));
  }
}
