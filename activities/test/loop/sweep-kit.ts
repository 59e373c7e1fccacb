import { sweepHost } from '../../src/box/sweep/sweep.ts';
import type { Fleet, Standing } from './fleet.ts';
import { ago, type LoopKit, MINUTE } from './loop-kit.ts';

export interface SweepKit {
  sweep(fleet: Fleet, order?: { dryRun?: boolean; force?: boolean; limitMs?: number }): ReturnType<typeof sweepHost>;
  /** The ledger's row. */
  box(id: string): ReturnType<LoopKit['db']['box']['findUniqueOrThrow']>;
  /** The kinds of what a workspace has on disk. */
  hasVolumes(fleet: Fleet, box: { workspaceId: string }): Promise<string[]>;
  /** Marks a workspace removed, as a delete does. */
  remove(workspaceId: string): Promise<void>;
  /** Stops a box, which the ledger knows. */
  stopped(fleet: Fleet, up: Standing): Promise<void>;
  /** The ledger believes the box gone, since before this sweep. */
  forget(up: Standing): Promise<void>;
}

export const sweepKit = (kit: LoopKit): SweepKit => {
  const gone = { state: 'gone', goneAt: ago(MINUTE) } as const;
  const forget = async ({ boxId }: Standing) => void (await kit.db.box.update({ where: { id: boxId }, data: gone }));
  return {
    sweep: (fleet, { dryRun = false, force = false, limitMs } = {}) =>
      sweepHost(fleet.context, kit.context.poker, { dryRun, force }, limitMs),
    box: (id) => kit.db.box.findUniqueOrThrow({ where: { id } }),
    async hasVolumes({ backend }, { workspaceId }) {
      const own = (await backend.listVolumes()).filter((volume) => volume.workspaceId === workspaceId);
      return [...new Set(own.map(({ isWork }) => (isWork ? 'work' : 'rest')))].sort();
    },
    async remove(id) {
      await kit.db.workspace.update({ where: { id }, data: { status: 'removed', boxId: null, boxOperationId: null } });
    },
    async stopped({ backend }, up) {
      await backend.stop(up);
      await forget(up);
    },
    forget,
  };
};
