import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { BoxPort } from '@holdfast/workflows/box/ports';
import type { StepCall } from '@holdfast/workflows/operation/step-registry';
import type { OperationPort } from '@holdfast/workflows/operation/ports';

/**
 * `killedInside`: between what a box step did at the backend and its note on the ledger. `stoppedInside`: the worker is
 * asked to stop there, as in every deployment, and the step does not end in time.
 */
export type FaultPoint = 'beforeEffect' | 'answerLost' | 'killedAfterCommit' | 'killedInside' | 'stoppedInside';

export interface Fault {
  readonly call: StepCall;
  readonly point: FaultPoint;
}

/** What is to go wrong for which workspace, once; a folder, so that it reaches every process and outlives each. */
export class Faults {
  private readonly directory: string;

  constructor(directory: string) {
    this.directory = path.join(directory, 'faults');
    mkdirSync(this.directory, { recursive: true });
  }

  plan(workspaceId: string, fault: Fault): void {
    writeFileSync(this.fileOf(workspaceId), JSON.stringify(fault));
  }

  /** Makes every start of this workspace fail for good. */
  refuse = (workspaceId: string): void => writeFileSync(`${this.fileOf(workspaceId)}.refused`, '');
  isRefused = (workspaceId: string): boolean => existsSync(`${this.fileOf(workspaceId)}.refused`);

  hasHappened = (workspaceId: string): boolean => existsSync(`${this.fileOf(workspaceId)}.happened`);

  /** The planned fault, if it is one of these points of this call: it happens now, and never again. */
  take(workspaceId: string, call: StepCall, points: readonly FaultPoint[]): FaultPoint | undefined {
    try {
      const fault = JSON.parse(readFileSync(this.fileOf(workspaceId), 'utf8')) as Fault;
      if (fault.call !== call || !points.includes(fault.point)) return undefined;
      renameSync(this.fileOf(workspaceId), `${this.fileOf(workspaceId)}.happened`);
      return fault.point;
    } catch {
      return undefined; // none is planned, or another process was faster
    }
  }

  private fileOf = (workspaceId: string): string => path.join(this.directory, workspaceId);
}

/** Dies as a machine does: without a word. */
export function die(): Promise<never> {
  process.kill(process.pid, 'SIGKILL');
  return new Promise(() => undefined);
}

/** The same port, whose calls go wrong as planned. */
export function faulty<P extends OperationPort | BoxPort>(port: P, faults: Faults): P {
  const wrapped = Object.entries(port).map(([name, call]) => [
    name,
    async (order: { workspaceId: string }): Promise<unknown> => {
      const step = name as StepCall;
      if (faults.take(order.workspaceId, step, ['beforeEffect'])) throw new Error('planned: before the effect');
      const result: unknown = await (call as (order: object) => Promise<unknown>)(order);
      const point = faults.take(order.workspaceId, step, ['answerLost', 'killedAfterCommit']);
      if (point === 'killedAfterCommit') await die();
      if (point === 'answerLost') throw new Error('planned: the answer is lost');
      return result;
    },
  ]);
  return Object.fromEntries(wrapped) as P;
}
