import { type Client, WorkflowNotFoundError } from '@temporalio/client';
import type { Database } from '@holdfast/prisma';
import { workflowId } from '@holdfast/workflows/operation/operation';
import type { Chance } from '@holdfast/infra/testing/chance';
import type { WorkerProcesses } from '../worker-processes.ts';

export interface DisturbanceOptions {
  readonly db: Database;
  readonly client: Client;
  readonly workers: WorkerProcesses;
  readonly luck: Chance;
  /** How many there are of each in the whole load. */
  readonly kills: number;
  readonly terminations: number;
  readonly cancellations: number;
  /** Machines that their cloud ends by itself, where there are clouds. */
  readonly machines?: { readonly ends: number; end(luck: Chance): Promise<void> };
}

/** Kills workers, terminates and cancels runs, lets machines end by themselves, each as often as told, spread over the load. */
export class Disturbances {
  private readonly options: DisturbanceOptions;
  private killed = 0;
  private terminations = 0;
  private cancellations = 0;
  private ends = 0;
  /** The runs that were terminated. */
  readonly terminated = new Set<string>();

  constructor(options: DisturbanceOptions) {
    this.options = options;
  }

  /** @param done how much of the load is behind us: at least 0, at most 1 */
  async at(done: number): Promise<void> {
    const { workers, luck, kills, terminations, cancellations, machines } = this.options;
    const isDue = (count: number, all: number): boolean => count < Math.floor(done * all);
    if (isDue(this.killed, kills)) {
      this.killed += 1;
      workers.kill(luck.next);
    }
    for (; isDue(this.terminations, terminations); this.terminations += 1) await this.terminate();
    for (; isDue(this.cancellations, cancellations); this.cancellations += 1) await this.cancel();
    for (; machines && isDue(this.ends, machines.ends); this.ends += 1) await machines.end(luck);
  }

  private async terminate(): Promise<void> {
    const run = await this.someRun();
    if (!run) return;
    // Noted first: a termination whose answer is late has happened all the same.
    this.terminated.add(run.runId);
    const handle = this.options.client.workflow.getHandle(workflowId(run.workspaceId), run.runId);
    await unlessOver(() => handle.terminate('by hand'));
  }

  private async cancel(): Promise<void> {
    const run = await this.someRun();
    if (run) await unlessOver(() => this.options.client.workflow.getHandle(workflowId(run.workspaceId)).cancel());
  }

  private async someRun(): Promise<{ workspaceId: string; runId: string } | undefined> {
    const running = await this.options.db.operation.findMany({
      where: { state: 'running', runId: { not: null } },
      select: { workspaceId: true, runId: true },
    });
    const run = running.length > 0 ? this.options.luck.pick(running) : undefined;
    return run?.runId ? { workspaceId: run.workspaceId, runId: run.runId } : undefined;
  }
}

/** A run that has ended by itself meanwhile is as good. */
async function unlessOver(act: () => Promise<unknown>): Promise<void> {
  try {
    await act();
  } catch (error) {
    if (!(error instanceof WorkflowNotFoundError)) throw error;
  }
}
