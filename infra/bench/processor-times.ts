import { readFileSync } from 'node:fs';
import path from 'node:path';
import { processesNaming } from '../src/process/command-lines.ts';
import type { Stage } from './stage.ts';
import { usageOf, usageOfTree } from './usage.ts';

/** Processor time by who spent it, in milliseconds. */
export type ProcessorTimes = Readonly<Record<string, number>>;

/** What all that work on an operation have spent since they began. */
export function processorTimes(stage: Stage): ProcessorTimes {
  const { gateway, workers } = stage;
  return {
    gateway: usageOf(gateway.pid).cpuMs,
    ...(workers.pid === undefined ? {} : { worker: usageOf(workers.pid).cpuMs }),
    temporal: temporalTime(stage),
    postgres: usageOfTree(postgresPid(stage)).cpuMs,
  };
}

export function temporalTime({ servers }: Stage): number {
  const [pid] = processesNaming('server start-dev', servers.directory);
  return pid === undefined ? 0 : usageOf(pid).cpuMs;
}

export function postgresPid({ servers }: Stage): number {
  const [pid] = readFileSync(path.join(servers.directory, 'postgres/data/postmaster.pid'), 'utf8').split('\n');
  return Number(pid);
}

export const sumOf = (times: ProcessorTimes): number => Object.values(times).reduce((total, time) => total + time, 0);

/** What was spent between two looks, for one of so many acts. */
export const spentForOne = (before: ProcessorTimes, after: ProcessorTimes, acts: number): ProcessorTimes =>
  Object.fromEntries(Object.entries(after).map(([who, time]) => [who, (time - (before[who] ?? 0)) / acts]));
