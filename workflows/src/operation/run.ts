import {
  CancellationScope,
  condition,
  setCurrentDetails,
  sleep,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import { rows } from './calls.ts';
import type { OperationInput, OperationSettings } from './operation.ts';
import { Pokes } from './pokes.ts';
import type { RunRef, Situation } from './ports.ts';
import { provider } from './search-attributes.ts';

/** This run no longer owns its workspace: it does no more. */
export class Superseded extends Error {}

export type AwaitOutcome = 'online' | 'queued' | 'deadline' | { readonly bootFailure: string };

/** Runs a part that an operator's cancellation must not cut in half. */
export const unbroken = <T>(part: () => Promise<T>): Promise<T> => CancellationScope.nonCancellable(part);

/** One execution of one operation: what its body may do, and what it knows. */
export class Run {
  readonly input: OperationInput;
  readonly me: RunRef;
  cycle = 0;
  private provider: string;
  settings!: OperationSettings;
  readonly pokes = new Pokes();
  private lost = false;
  private readonly story: string[] = [];

  constructor(input: OperationInput) {
    this.input = input;
    this.provider = input.provider;
    this.me = { operationId: input.operationId, workspaceId: input.workspaceId, runId: workflowInfo().runId };
  }

  /** Tells operators, in the Web UI, what the run is at. */
  tell(line: string): void {
    this.story.push(`- ${line}`);
    const { kind, workspaceId, operationId } = this.input;
    setCurrentDetails(
      `**${kind}** of workspace \`${workspaceId}\`\n\noperation \`${operationId}\`\n\n${this.story.join('\n')}`,
    );
  }

  /** Where the workspace is from now on, for those who filter by it. */
  isOn(where: string): void {
    if (where === this.provider) return;
    this.provider = where;
    upsertSearchAttributes([{ key: provider, value: where }]);
  }

  /**
   * A change of rows that only the owner may make. Never cut short: a transaction nobody waits for could still commit
   * after what undoes it.
   */
  async own<T>(change: () => Promise<T | null>): Promise<T> {
    const result = await unbroken(change);
    if (result === null) throw new Superseded();
    return result;
  }

  /**
   * A step outside Postgres. A poke meanwhile makes the run look; when it no longer owns the workspace, the step is
   * cancelled and its end awaited, because the successor's first act is to settle what it may have started.
   */
  async step<T>(line: string, work: () => Promise<T>): Promise<T> {
    this.tell(line);
    const scope = new CancellationScope();
    let ended = false;
    let cut = false;
    const result = scope.run(work).finally(() => {
      ended = true;
    });
    result.catch(() => undefined);
    // An operator's cancellation reaches the step through its own scope; the wait itself must outlast it.
    await unbroken(async () => {
      for (;;) {
        // Several steps may be under way, one on each host: what one of them learns holds for all.
        await condition(() => ended || (!cut && (this.lost || this.pokes.waiting)));
        if (ended) return;
        if (!this.lost && this.pokes.take()) await this.situation();
        if (!this.lost) continue;
        cut = true;
        scope.cancel();
      }
    });
    if (this.lost) throw new Superseded();
    return result;
  }

  /**
   * Waits until the agent of this cycle's box has registered, its box is said to have crashed, something is queued, or
   * the time is over.
   * @param end when it is over, in milliseconds since the epoch
   */
  async awaitAgent(end: number): Promise<AwaitOutcome> {
    this.tell('waiting for the agent to register');
    for (;;) {
      const now = await unbroken(() => this.situation());
      if (now.superseded) throw new Superseded();
      if (now.online) return 'online';
      if (now.bootFailure !== null) return { bootFailure: now.bootFailure };
      if (now.queued) {
        await sleep(this.settings.gatherMs, { summary: 'gather requests' });
        return 'queued';
      }
      const left = end - Date.now();
      if (left <= 0) return 'deadline';
      await condition(() => this.pokes.waiting, left, { summary: 'deadline for the agent' });
      this.pokes.take();
    }
  }

  private async situation(): Promise<Situation> {
    const now = await rows.lookAtOperation({ ...this.me, cycle: this.cycle });
    this.lost ||= now.superseded;
    return now;
  }
}
