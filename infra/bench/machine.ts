import { execFileSync } from 'node:child_process';
import os from 'node:os';
import type { Stage } from './stage.ts';

/** What the figures were measured on, without anything that tells whose machine it is. */
export async function describeMachine(stage: Stage): Promise<Record<string, string>> {
  const [settings] = await stage.query<{ version: string; fsync: string }>(
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
    load: `everything on this machine, the load generator too; load average before ${os.loadavg()[0]?.toFixed(1)}`,
    commit: commit(),
  };
}

function commit(): string {
  try {
    return execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8', stdio: 'pipe' }).trim();
  } catch {
    return 'unknown';
  }
}
