import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureAgentImage } from '@holdfast/infra/images/agent-image';
import { uniqueId } from '@holdfast/infra/testing/index';
import type { Database, Prisma } from '@holdfast/prisma';
import type { BoxBackend, BoxSpec } from '../../src/box/backend.ts';
import type { BoxContext } from '../../src/box/box-context.ts';
import { dockerBackend } from '../../src/box/docker/backend.ts';
import { processBackend } from '../../src/box/process/backend.ts';
import { processesWith, send, startMark } from '../../src/box/process/process-table.ts';
import { LiarEngine, liarBackend } from '../../src/box/testing/liar.ts';
import { answers } from '../answers.ts';
import { docker, log } from '../box-docker-given.ts';
import { boxRig } from '../box-given.ts';
import { aSpec, never } from '../box-port.ts';
import { waitFor } from '@holdfast/infra/testing/index';
import { ago, MINUTE } from './loop-kit.ts';

/** Somewhere boxes really are. */
export interface Place {
  readonly kind: 'docker' | 'process';
  readonly image: string;
  /** The backend of an owner; several may share the place. */
  backendOf(owner: string, options?: { adoptUnowned?: boolean }): BoxBackend;
  /** Ends the program of a box from outside, and leaves the rest of it. */
  kill(box: BoxSpec & { externalId: string }): Promise<void>;
  /** Whether an agent answers at the address. */
  answers(url: string): Promise<boolean>;
  close(): Promise<void>;
}

export interface LiarPlace extends Place {
  readonly engine: LiarEngine;
}

export function liarPlace(): LiarPlace {
  const engine = new LiarEngine();
  return {
    kind: 'docker',
    image: 'any',
    engine,
    backendOf: (owner) => liarBackend(engine, owner),
    kill: async ({ externalId }) => void engine.ended.add(externalId),
    answers: async (url) => engine.children.has(url.slice('liar://'.length)),
    close: async () => undefined,
  };
}

export async function dockerPlace(): Promise<Place> {
  const network = uniqueId('holdfast-test');
  return {
    kind: 'docker',
    image: await ensureAgentImage(docker),
    backendOf: (owner, options = {}) => dockerBackend({ docker, owner, network, log, ...options }),
    // Asked for by name, so that no restart policy brings it back.
    kill: async ({ externalId }) => void (await docker.getContainer(externalId).stop({ t: 0 })),
    answers,
    close: async () => void (await docker.getNetwork(network).remove()),
  };
}

const agentMain = fileURLToPath(new URL('../../../services/agent/src/main.ts', import.meta.url));

export async function processPlace(): Promise<Place & { readonly root: string }> {
  const root = await mkdtemp(path.join(os.tmpdir(), 'holdfast-fleet-'));
  const agent = { command: [process.execPath, agentMain], baseEnv: { PATH: process.env['PATH'] ?? '' } } as const;
  return {
    kind: 'process',
    image: '',
    root,
    backendOf: (owner) => processBackend({ owner, directory: root, agent: { ...agent, command: [...agent.command] } }),
    async kill({ boxId }) {
      const pids = processesWith(`HOLDFAST_BOX=${boxId}`);
      for (const pid of pids) send(pid, 'SIGKILL');
      // A process that is ending has lost its environment before it is dead.
      await waitFor(() => pids.every((pid) => startMark(pid) === null));
    },
    answers,
    close: () => rm(root, { recursive: true, force: true }),
  };
}

/** A box that is there. */
export type Standing = BoxSpec & { readonly externalId: string; readonly url: string };

/** One host with its boxes, on the ledger and in reality. */
export interface Fleet {
  readonly context: BoxContext;
  readonly backend: BoxBackend;
  /** A workspace that is online, with its box on the ledger and there. */
  up(workspace?: Partial<Prisma.WorkspaceUncheckedCreateInput>, spec?: Partial<BoxSpec>): Promise<Standing>;
  /** A box that is there and on no ledger. */
  stray(spec?: Partial<BoxSpec>): Promise<Standing>;
  /** Whether anything of the box is there. */
  isThere(box: BoxSpec): Promise<boolean>;
  /** Removes whatever tests have left. */
  clear(): Promise<void>;
}

export function fleetAt(db: Database, place: Place, options: { owner?: string; adoptUnowned?: boolean } = {}): Fleet {
  const owner = options.owner ?? uniqueId('owner');
  const backend = place.backendOf(owner, options);
  const { context } = boxRig(db, { backends: () => [backend] });
  const used = new Set<string>();
  const start = async (over: Partial<BoxSpec>): Promise<Standing> => {
    const spec = aSpec(place.image, over);
    used.add(spec.workspaceId);
    const { externalId, url } = await backend.start(spec, never);
    await waitFor(() => place.answers(url), { what: `an answer at ${url}` });
    return { ...spec, externalId, url };
  };
  return {
    context: { ...context, owner },
    backend,
    async up(workspace = {}, spec = {}) {
      const box = await start(spec);
      const { workspaceId, boxId } = box;
      const operationId = randomUUID();
      const placed = { host: context.host, backend: place.kind };
      await db.box.create({
        data: {
          id: boxId,
          workspaceId,
          operationId,
          cycle: 1,
          owner,
          ...placed,
          state: 'running',
          createdAt: ago(60 * MINUTE),
          externalId: box.externalId,
        },
      });
      await db.workspace.create({
        data: {
          id: workspaceId,
          orgId: 'default',
          name: 'Bot',
          runtime: 'reference',
          status: 'online',
          boxId,
          boxOperationId: operationId,
          ...placed,
          ...workspace,
        },
      });
      return box;
    },
    stray: (spec = {}) => start(spec),
    isThere: async ({ boxId }) => (await backend.list()).some((seen) => seen.boxId === boxId),
    async clear() {
      for (const box of await backend.list()) await backend.stop(box);
      for (const id of used) await backend.removeVolumes(id, { purge: true });
    },
  };
}
