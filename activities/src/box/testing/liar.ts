import { randomUUID } from 'node:crypto';
import { BackendError } from '../backend-error.ts';
import type { BoxBackend, BoxFileCredentials, BoxRef, BoxSpec, StartedBox } from '../backend.ts';
import { credentialFiles } from '../credential-files.ts';

/**
 * How a call goes wrong. `failed`: nothing happens, and it says so. `lost`: it happens, but the answer does not arrive.
 * `late`: the answer does not arrive, and it happens when the engine gets to it. `doubled`: it arrives at the engine twice.
 */
export type Lie = 'failed' | 'lost' | 'late' | 'doubled';
type Call = 'start' | 'stop' | 'isRunning' | 'list' | 'hasConfig' | 'listVolumes' | 'removeVolumes';

interface Child {
  readonly spec: BoxSpec;
  readonly owner: string;
  readonly externalId: string;
}

interface Volume {
  readonly owner: string;
  readonly files: Map<string, string>;
  work: boolean;
}

/** An engine in memory whose backends lie as they are told; several installations may share it. */
export class LiarEngine {
  readonly children = new Map<string, Child>();
  /** External ids of children that have ended and are still there. */
  readonly ended = new Set<string>();
  readonly volumes = new Map<string, Volume>();
  /** Every call that reached the engine, in order. */
  readonly heard: string[] = [];
  private readonly lies: { call: Call; lie: Lie }[] = [];
  private readonly late: (() => void)[] = [];

  /** The next calls of this kind go wrong like this, one each. */
  lie(call: Call, ...lies: Lie[]): void {
    this.lies.push(...lies.map((lie) => ({ call, lie })));
  }

  /** The engine gets to what came late. */
  catchUp(): void {
    for (const work of this.late.splice(0)) {
      try {
        work();
      } catch {
        // Nobody waits for this answer any more.
      }
    }
  }

  /** Carries a call out, or lies about it. */
  carryOut<T>(call: Call, work: () => T): T {
    this.heard.push(call);
    const at = this.lies.findIndex((next) => next.call === call);
    const [next] = at < 0 ? [] : this.lies.splice(at, 1);
    switch (next?.lie) {
      case undefined:
        return work();
      case 'failed':
        throw new BackendError('failed', `liar: ${call} failed`);
      case 'late':
        this.late.push(work);
        break;
      case 'doubled':
        work();
        return work();
      case 'lost':
        work();
    }
    throw new BackendError('unreachable', `liar: no answer to ${call}`);
  }
}

/** A backend on a lying engine. It keeps the promises of the port, which the same tests hold for every backend. */
export function liarBackend(engine: LiarEngine, owner: string): BoxBackend {
  const own = (workspaceId: string): Child[] =>
    [...engine.children.values()].filter((child) => child.owner === owner && child.spec.workspaceId === workspaceId);
  const childOf = (ref: Pick<BoxRef, 'boxId' | 'workspaceId'>): Child | undefined =>
    own(ref.workspaceId).find(({ spec }) => spec.boxId === ref.boxId);

  const isUp = (child: Child | undefined): boolean => child !== undefined && !engine.ended.has(child.externalId);

  const create = (spec: BoxSpec): StartedBox => {
    const known = childOf(spec);
    if (known) return startedOf(known);
    if (!spec.credentials) throw new BackendError('credentialsGone', 'liar: it is gone');
    const volume = engine.volumes.get(spec.workspaceId) ?? { owner, files: new Map(), work: false };
    if (volume.owner !== owner) throw new BackendError('nameTaken', 'liar: it is another owner’s');
    for (const other of own(spec.workspaceId)) {
      if (other.spec.born > spec.born) throw new BackendError('newer', 'liar: there is a newer one');
      engine.children.delete(other.externalId);
    }
    fill(volume, spec, spec.credentials);
    engine.volumes.set(spec.workspaceId, volume);
    const child = { spec, owner, externalId: randomUUID() };
    engine.children.set(child.externalId, child);
    return startedOf(child);
  };

  return {
    kind: 'docker',
    ping: () => Promise.resolve(),
    start: async (spec, signal) => {
      signal.throwIfAborted();
      return engine.carryOut('start', () => create(spec));
    },
    stop: async (ref) =>
      engine.carryOut('stop', () => {
        const child = childOf(ref);
        return child && engine.children.delete(child.externalId) ? 'stopped' : 'absent';
      }),
    isRunning: async (ref) => {
      try {
        return engine.carryOut('isRunning', () => ({ running: isUp(childOf(ref)) }));
      } catch (error) {
        return { running: true, cannotTell: error as Error };
      }
    },
    console: async (ref) => (childOf(ref) ? 'liar: hello' : ''),
    list: async () =>
      engine.carryOut('list', () =>
        [...engine.children.values()]
          .filter((child) => child.owner === owner)
          .map((child) => ({
            boxId: child.spec.boxId,
            workspaceId: child.spec.workspaceId,
            externalId: child.externalId,
            running: isUp(child),
            born: child.spec.born,
          })),
      ),
    hasConfig: async (workspaceId) =>
      engine.carryOut('hasConfig', () => {
        const volume = engine.volumes.get(workspaceId);
        return volume?.owner === owner && volume.files.has('config.yaml');
      }),
    listVolumes: async () =>
      engine.carryOut('listVolumes', () =>
        [...engine.volumes]
          .filter(([, volume]) => volume.owner === owner)
          .flatMap(([workspaceId, { files, work }]) => [
            ...(files.size > 0 ? [{ workspaceId, isWork: false }] : []),
            ...(work ? [{ workspaceId, isWork: true }] : []),
          ]),
      ),
    removeVolumes: async (workspaceId, { purge }) =>
      engine.carryOut('removeVolumes', () => {
        const volume = engine.volumes.get(workspaceId);
        if (volume?.owner !== owner) return;
        volume.files.clear();
        if (purge) engine.volumes.delete(workspaceId);
      }),
  };
}

function fill(volume: Volume, { config }: BoxSpec, credentials: BoxFileCredentials): void {
  volume.work = true;
  if (config.overwrite || !volume.files.has('config.yaml')) {
    for (const file of config.files) volume.files.set(file.path, Buffer.from(file.content).toString());
  }
  for (const [name, content] of Object.entries(credentialFiles(credentials))) volume.files.set(name, content);
}

const startedOf = ({ externalId }: Child): StartedBox => ({
  externalId,
  url: `liar://${externalId}`,
  internalUrl: null,
});
