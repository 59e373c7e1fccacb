import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { BackendError } from '../backend-error.ts';
import type { BoxSpec } from '../backend.ts';
import { boxEnvironment } from '../platform-block.ts';
import { boxDirectory, workspaceDirectories } from './directories.ts';
import { BOX_VARIABLE, type LiveProcess } from './find.ts';
import { startMark } from './process-table.ts';

export interface AgentProgram {
  /** Program and arguments of the agent. */
  readonly command: readonly [string, ...string[]];
  /** What every process needs of the worker's own environment (PATH and the like): nothing else of it is passed on. */
  readonly baseEnv: Readonly<Record<string, string>>;
}

/** Starts the agent of a box as a process that outlives us. All it is told is in its environment, nothing in its arguments. */
export function spawnAgent(root: string, owner: string, spec: BoxSpec, agent: AgentProgram): Promise<LiveProcess> {
  const own = workspaceDirectories(root, spec.workspaceId);
  const box = boxDirectory(root, spec.workspaceId, spec.boxId);
  const work = spec.workspaceDir !== null && spec.workspaceAccess !== 'none' ? spec.workspaceDir : own.work;
  for (const directory of [own.plugins, own.sessions, own.work]) mkdirSync(directory, { recursive: true, mode: 0o700 });
  const env = {
    ...agent.baseEnv,
    HOME: own.sessions,
    ...boxEnvironment(spec, { config: own.configs, plugins: own.plugins, python: own.plugins }),
    AGENT_HOST: '127.0.0.1',
    AGENT_PORT: '0',
    HOLDFAST_URL_FILE: box.url,
    HOLDFAST_OWNER: owner,
    [BOX_VARIABLE]: spec.boxId,
  };
  const log = openSync(box.log, 'a', 0o600);
  const [program, ...args] = agent.command;
  const child = spawn(program, args, { detached: true, stdio: ['ignore', log, log], cwd: work, env });
  closeSync(log);
  child.unref();
  return new Promise((resolve, reject) => {
    child.once('error', (error) =>
      reject(new BackendError('failed', `process: cannot run the agent: ${error.message}`, error)),
    );
    child.once('spawn', () => {
      const pid = child.pid as number;
      const mark = startMark(pid);
      if (mark === null) reject(new BackendError('crashed', 'process: the agent ended at once'));
      else resolve({ pid, mark });
    });
  });
}
