import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { Cloud, Machine } from './cloud.ts';
import { type RunningMachine, startMachine } from './running-machine.ts';

export interface Simulator extends AsyncDisposable {
  /** What runs on the machine of that id; undefined when there is none. */
  on(machineId: string): RunningMachine | undefined;
  /** Ends every machine's program; the clouds go on believing in their machines. */
  stop(): Promise<void>;
}

/**
 * What happens on the machines of the clouds: each one that runs boots from its user data, as its script would, and has a
 * real agent as a process of its own, which ends with it.
 */
export function startSimulator(clouds: readonly Cloud[]): Simulator {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'holdfast-machines-'));
  const running = new Map<string, RunningMachine>();
  const ending = new Set<Promise<void>>();
  let stopped = false;

  const start = (cloud: Cloud, machine: Machine, key: string): void => {
    const say = (text: string) => cloud.say(machine.id, text);
    running.set(key, startMachine({ machine, directory: path.join(folder, key), say }));
  };

  const end = (key: string): void => {
    const over = running.get(key)?.end();
    running.delete(key);
    if (!over) return;
    ending.add(over);
    void over.finally(() => ending.delete(over));
  };

  const follow = (cloud: Cloud): void => {
    if (stopped) return;
    const wanted = new Map(cloud.machines().map((machine) => [keyOf(cloud, machine.id), machine]));
    for (const key of running.keys()) if (key.startsWith(`${cloud.name}-`) && !wanted.has(key)) end(key);
    for (const [key, machine] of wanted) if (machine.userData !== '' && !running.has(key)) start(cloud, machine, key);
  };

  for (const cloud of clouds) {
    cloud.onChange(() => follow(cloud));
    follow(cloud);
  }
  const stop = async (): Promise<void> => {
    stopped = true;
    for (const key of running.keys()) end(key);
    await Promise.all(ending);
    rmSync(folder, { recursive: true, force: true });
  };
  return {
    on: (machineId) => [...running].find(([key]) => key.endsWith(`-${machineId}`))?.[1],
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

const keyOf = (cloud: Cloud, machineId: string): string => `${cloud.name}-${machineId}`;
