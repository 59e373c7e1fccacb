import { execFileSync } from 'node:child_process';
import os from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import type { Stage } from './stage.ts';

/** What the figures were measured on, without anything that tells whose machine it is. */
export async function describeMachine(stage: Stage): Promise<Record<string, string>> {
  const [settings] = await stage.store.query<{ version: string; fsync: string }>(
    `SELECT current_setting('server_version') AS version, current_setting('fsync') AS fsync`,
  );
  const cpus = os.cpus();
  return {
    processor: `${cpus.length} × ${cpus[0]?.model.trim() ?? 'unknown'}`,
    memory: `${Math.round(os.totalmem() / 2 ** 30)} GiB`,
    system: `${os.type()} ${os.arch()}`,
    node: process.versions.node,
    postgres: `${settings?.version}, fsync ${settings?.fsync}`,
    temporal: 'development server, SQLite on disk',
    docker: stage.docker ? ((await stage.docker.version()) as { Version: string }).Version : 'none',
    load: 'everything on this machine, the load generator too',
    commit: commit(),
  };
}

/** How much of the processor others use while we wait, from 0 to 1. */
export async function busyShare(overMs: number): Promise<number> {
  const times = () =>
    os.cpus().reduce(
      (sum, { times: { idle, ...busy } }) => ({
        idle: sum.idle + idle,
        all: sum.all + idle + Object.values(busy).reduce((total, time) => total + time, 0),
      }),
      { idle: 0, all: 0 },
    );
  const before = times();
  await pause(overMs);
  const after = times();
  return 1 - (after.idle - before.idle) / Math.max(1, after.all - before.all);
}

function commit(): string {
  try {
    return execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8', stdio: 'pipe' }).trim();
  } catch {
    return 'unknown';
  }
}
