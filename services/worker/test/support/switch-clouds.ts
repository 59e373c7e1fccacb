import { BackendError } from '@holdfast/activities/box/backend-error';
import type { BoxRef, BoxSpec } from '@holdfast/activities/box/backend';
import type { NewWorkspace } from '@holdfast/activities/workspace/create-workspace';
import { requestSwitch } from '@holdfast/activities/workspace/request-switch';
import { waitFor } from '@holdfast/infra/testing/index';
import { afterAll, beforeAll, expect } from 'vitest';
import { ended, givenWorkspace } from './given.ts';
import { startWorld, type World, type WorldOptions } from './world.ts';

export const compute = { provider: 'aws', volume: { root_gb: 40 } };

/** What goes wrong in the clouds, for the workspaces named, and what was asked of them. */
export interface Troubles {
  /** `workspace:provider`: the engine says no to a start there. */
  readonly refused: Set<string>;
  /** Its box does not stop. */
  readonly stuck: Set<string>;
  /** Its box stops, and who asked for that hears of it only then. */
  readonly heardOf: Map<string, Promise<void>>;
  /** Its agents say nothing. */
  readonly mute: Set<string>;
  readonly started: BoxSpec[];
  readonly stopped: Stopped[];
}

/** A box as it was asked to stop, and what its row said of it then. */
export type Stopped = BoxRef & {
  readonly rowSays: { readonly cloud: string | undefined; readonly instance: string | null };
};

/** Workers whose boxes are in clouds, one world for the tests of a file or a block, and workspaces that are switched in it. */
export function useClouds(options: WorldOptions = {}) {
  let world: World | undefined;
  const current = (): World => {
    if (!world) throw new Error('the world has not started');
    return world;
  };
  const row = (id: string) => current().rig.db.workspace.findUniqueOrThrow({ where: { id } });
  const computeOf = async (id: string) => (await row(id)).compute as { provider?: string };
  const troubles: Troubles = {
    refused: new Set(),
    stuck: new Set(),
    heardOf: new Map(),
    mute: new Set(),
    started: [],
    stopped: [],
  };

  beforeAll(async () => {
    world = await startWorld({
      backend: 'control-plane',
      settleMs: 3_000,
      deadlineMs: 60_000,
      ...options,
      mute: ({ workspaceId }) => troubles.mute.has(workspaceId),
      hooks: {
        async beforeStart(spec) {
          troubles.started.push(spec);
          const { provider } = await computeOf(spec.workspaceId);
          if (troubles.refused.has(`${spec.workspaceId}:${provider}`))
            throw new BackendError('refused', 'the cloud has no room');
        },
        async beforeStop(ref) {
          const { instanceId: instance, compute: kept } = await row(ref.workspaceId);
          const { provider: cloud } = (kept ?? {}) as { provider?: string };
          troubles.stopped.push({ ...ref, rowSays: { cloud, instance } });
          if (troubles.stuck.has(ref.workspaceId)) throw new BackendError('failed', 'the cloud does not stop it');
        },
        afterStop: ({ workspaceId }) => troubles.heardOf.get(workspaceId),
      },
    });
  });
  afterAll(() => world?.[Symbol.asyncDispose]());

  return {
    ...troubles,
    current,
    row,
    computeOf,
    operation: (id: string) => current().rig.db.operation.findUniqueOrThrow({ where: { id } }),
    boxesOf: (id: string) =>
      current()
        .folder.boxes()
        .filter(({ workspaceId }) => workspaceId === id),
    eventPayloads: async (id: string) =>
      (await current().rig.db.structureEvent.findMany({ where: { workspaceId: id }, orderBy: { seq: 'asc' } })).map(
        ({ eventType, payload }) => [eventType, payload] as const,
      ),
    async online(fields: Partial<NewWorkspace> = {}): Promise<string> {
      const { db, poker } = current().rig;
      const { id, operationId } = await givenWorkspace(db, { compute, ...fields });
      await poker.poke(id);
      expect(await ended(db, operationId)).toBe('succeeded');
      return id;
    },
    /** Asks for it and leaves: nobody is poked. */
    async claim(workspaceId: string, provider: 'hetzner' | 'gcp' = 'hetzner'): Promise<string> {
      const wanted = { workspaceId, provider, confirmDataLoss: false, actor: 'test' };
      const intake = await current().rig.db.$transaction((tx) => requestSwitch(tx, wanted));
      if (intake.noop) throw new Error('it moves');
      return intake.operationId;
    },
    async switchTo(workspaceId: string, provider: 'hetzner' | 'gcp' = 'hetzner'): Promise<string> {
      const operationId = await this.claim(workspaceId, provider);
      await current().rig.poker.poke(workspaceId);
      return operationId;
    },
    phaseIs: (operationId: string, step: string, state: string) =>
      waitFor(async () => (await current().rig.db.operationStep.count({ where: { operationId, step, state } })) > 0, {
        what: `${step} ${state}`,
      }),
  };
}
