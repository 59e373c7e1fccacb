import { access, mkdir, rm } from 'node:fs/promises';
import { BackendError } from '../backend-error.ts';
import type { BoxBackend, BoxRef, BoxSpec, SeenBox } from '../backend.ts';
import { resetsSession } from '../reset-session.ts';
import { awaitAddress } from './address.ts';
import { hasConfigFile, writeConfig } from './config-files.ts';
import { boxDirectory, workspaceDirectories } from './directories.ts';
import { endProcess } from './end.ts';
import { findProcess, type LiveProcess } from './find.ts';
import { withLock } from './lock.ts';
import { type AgentProgram, spawnAgent } from './spawn.ts';
import { type ProcessState, readState, statesOf, workspacesIn, writeState } from './state.ts';
import { tailOf } from './tail.ts';
import { volumesOf } from './volumes.ts';
import { claimWorkspace, ownerOf } from './workspace-owner.ts';

const CONSOLE_BYTES = 262_144;
const LOCK_WAIT_MS = 20_000;

export interface ProcessSettings {
  /** Whose boxes these are. */
  readonly owner: string;
  /** Where workspaces and boxes have their directories. */
  readonly directory: string;
  readonly agent: AgentProgram;
  /** How long an agent that was asked to stop may take, in milliseconds. */
  readonly graceMs?: number;
  /** How long an agent may take until it listens, in milliseconds. */
  readonly listenMs?: number;
}

/**
 * Boxes as processes of this machine, where there is no engine. They are told apart by pid and start time, and outlive
 * the worker. They are not isolated from each other or from the machine: tiers and read-only access mean nothing here.
 */
export function processBackend(settings: ProcessSettings): BoxBackend {
  const { owner, directory: root, agent, graceMs = 3_000, listenMs = 30_000 } = settings;
  const locked = <T>(workspaceId: string, work: () => Promise<T>): Promise<T> =>
    withLock(workspaceDirectories(root, workspaceId).lock, LOCK_WAIT_MS, work);

  const claim = (spec: BoxSpec, signal: AbortSignal): Promise<LiveProcess> =>
    locked(spec.workspaceId, async () => {
      signal.throwIfAborted();
      const state = await readState(root, spec.workspaceId, spec.boxId);
      if (state && isOver(state)) throw new BackendError('stopped', `process: box ${spec.boxId} was stopped`);
      const live = state && findProcess(state);
      if (live) return live;
      if (!spec.credentials)
        throw new BackendError('credentialsGone', `process: box ${spec.boxId} is not there any more`);
      await claimWorkspace(root, spec.workspaceId, owner);
      await clearOlder(spec);
      const directories = workspaceDirectories(root, spec.workspaceId);
      if (resetsSession(spec)) await rm(directories.sessions, { recursive: true, force: true });
      await writeConfig(directories.configs, spec);
      const known: ProcessState = {
        boxId: spec.boxId,
        workspaceId: spec.workspaceId,
        owner,
        born: spec.born.getTime(),
        phase: 'starting',
      };
      await rm(boxDirectory(root, spec.workspaceId, spec.boxId).url, { force: true });
      await writeState(root, known);
      const made = await spawnAgent(root, owner, spec, agent);
      await writeState(root, { ...known, phase: 'started', ...made });
      return made;
    });

  /** Ends what an older box of the workspace has left; gives way to a newer one. */
  const clearOlder = async (spec: BoxSpec): Promise<void> => {
    for (const other of await statesOf(root, spec.workspaceId, owner)) {
      if (other.boxId === spec.boxId) continue;
      if (other.born > spec.born.getTime()) {
        throw new BackendError(
          'newer',
          `process: box ${other.boxId} of the same workspace is newer than ${spec.boxId}`,
        );
      }
      await endProcess(other, graceMs);
      await rm(boxDirectory(root, spec.workspaceId, other.boxId).base, { recursive: true, force: true });
    }
  };

  const lookUp = async (ref: BoxRef): Promise<ProcessState | null> => {
    const state = await readState(root, ref.workspaceId, ref.boxId);
    return state?.owner === owner ? state : null;
  };

  return {
    kind: 'process',
    async ping() {
      await mkdir(root, { recursive: true, mode: 0o700 });
    },
    async start(spec, signal) {
      const live = await claim(spec, signal);
      const url = await awaitAddress(boxDirectory(root, spec.workspaceId, spec.boxId), live, listenMs, signal);
      return { externalId: String(live.pid), url, internalUrl: null };
    },
    async stop(ref) {
      // Nothing was ever started here. A note for ever would outlive the workspace.
      if (!(await exists(workspaceDirectories(root, ref.workspaceId).base))) return 'absent';
      return locked(ref.workspaceId, async () => {
        const state = await readState(root, ref.workspaceId, ref.boxId);
        if (state && state.owner !== owner) return 'absent';
        if (state?.phase === 'stopped') return 'stopped';
        const { boxId, workspaceId } = ref;
        const known = state ?? { boxId, workspaceId, owner, born: 0 };
        // The note comes first: from here on no start of this box can come out.
        await writeState(root, { ...known, phase: 'stopping' });
        await endProcess({ ...known, phase: 'stopping' }, graceMs);
        await writeState(root, { ...known, phase: 'stopped' });
        return 'stopped';
      });
    },
    async isRunning(ref) {
      try {
        const state = await lookUp(ref);
        return { running: state !== null && isUp(state) };
      } catch (error) {
        return { running: true, cannotTell: error as Error };
      }
    },
    async console(ref) {
      return (await lookUp(ref)) ? tailOf(boxDirectory(root, ref.workspaceId, ref.boxId).log, CONSOLE_BYTES) : '';
    },
    async list() {
      const states = await Promise.all(
        (await workspacesIn(root)).map((workspaceId) => statesOf(root, workspaceId, owner)),
      );
      return states
        .flat()
        .filter((state) => state.phase !== 'stopped')
        .map(seen);
    },
    async hasConfig(workspaceId) {
      return (
        (await ownerOf(root, workspaceId)) === owner && hasConfigFile(workspaceDirectories(root, workspaceId).configs)
      );
    },
    async listVolumes() {
      const found = await Promise.all(
        (await workspacesIn(root)).map((workspaceId) => volumesOf(root, workspaceId, owner)),
      );
      return found.flat();
    },
    async removeVolumes(workspaceId, { purge }) {
      const directories = workspaceDirectories(root, workspaceId);
      if (!(await exists(directories.base))) return;
      await locked(workspaceId, async () => {
        if ((await ownerOf(root, workspaceId)) !== owner) return;
        const states = await statesOf(root, workspaceId, owner);
        if (states.some(isUp)) throw new BackendError('failed', `process: a box of ${workspaceId} still runs`);
        const { base, configs, plugins, sessions, boxes } = directories;
        const doomed = purge ? [base] : [configs, plugins, sessions, boxes];
        await Promise.all(doomed.map((directory) => rm(directory, { recursive: true, force: true })));
      });
    },
  };
}

const isOver = ({ phase }: ProcessState): boolean => phase === 'stopping' || phase === 'stopped';

const isUp = (state: ProcessState): boolean => state.phase !== 'stopped' && findProcess(state) !== null;

const seen = (state: ProcessState): SeenBox => ({
  boxId: state.boxId,
  workspaceId: state.workspaceId,
  externalId: state.pid === undefined ? null : String(state.pid),
  running: isUp(state),
  born: new Date(state.born),
});

async function exists(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch {
    return false;
  }
}
