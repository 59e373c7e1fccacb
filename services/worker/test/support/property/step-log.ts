import { appendFileSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { Context } from '@temporalio/activity';
import type { BoxOrder, BoxPort } from '@holdfast/workflows/box/ports';

/** One line of what happened where boxes are. Times are milliseconds since the epoch. */
export type LogLine =
  | (StepBegin & { readonly what: 'begin' })
  | { readonly what: 'end'; readonly attemptId: string; readonly at: number; readonly failed: boolean }
  | { readonly what: 'made' | 'removed'; readonly boxId: string; readonly workspaceId: string; readonly at: number }
  | { readonly what: 'death'; readonly pid: number; readonly at: number };

/** An attempt of a step that touches boxes. */
export interface StepBegin {
  /** Names this attempt among all. */
  readonly attemptId: string;
  readonly at: number;
  readonly pid: number;
  readonly call: keyof BoxPort;
  readonly workspaceId: string;
  readonly operationId: string;
  readonly runId: string;
  readonly cycle: number;
  readonly host: string;
  /** Names the step within its run; every attempt of it has the same. */
  readonly activityId: string;
  readonly attempt: number;
}

/** Wall-clock time in finer than milliseconds, the same for every process of a machine. */
export const clock = (): number => performance.timeOrigin + performance.now();

/** A file for each process, written line by line: what a killed one has written stays. */
export class StepLog {
  private readonly directory: string;

  constructor(directory: string) {
    this.directory = path.join(directory, 'steps');
    mkdirSync(this.directory, { recursive: true });
  }

  write(line: LogLine): void {
    appendFileSync(path.join(this.directory, `${process.pid}.jsonl`), `${JSON.stringify(line)}\n`);
  }

  read(): LogLine[] {
    return readdirSync(this.directory)
      .flatMap((name) => readFileSync(path.join(this.directory, name), 'utf8').split('\n'))
      .filter((line) => line.endsWith('}'))
      .map((line) => JSON.parse(line) as LogLine)
      .sort((a, b) => a.at - b.at);
  }
}

/** The same port, each attempt of whose steps is noted with its begin and its end. */
export function recorded(port: BoxPort, log: StepLog): BoxPort {
  const wrapped = Object.entries(port).map(([name, call]) => [
    name,
    async (order: BoxOrder): Promise<unknown> => {
      const { activityId, attempt } = Context.current().info;
      const { workspaceId, operationId, runId, cycle, host } = order;
      const attemptId = `${runId}/${activityId}/${attempt}/${process.pid}`;
      const begin = { attemptId, pid: process.pid, call: name as keyof BoxPort, activityId, attempt };
      log.write({ what: 'begin', at: clock(), ...begin, workspaceId, operationId, runId, cycle, host });
      let failed = true;
      try {
        const result: unknown = await (call as (order: BoxOrder) => Promise<unknown>)(order);
        failed = false;
        return result;
      } finally {
        log.write({ what: 'end', attemptId, at: clock(), failed });
      }
    },
  ]);
  return Object.fromEntries(wrapped) as BoxPort;
}
