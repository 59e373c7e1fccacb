import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect } from 'vitest';
import { waitFor } from '@holdfast/infra/testing/index';
import { startAgents } from './agents.ts';
import { folderBoxes } from './folder-boxes.ts';
import { Folder, type FolderBox } from './folder-backend.ts';
import type { BoxHooks } from './hooked.ts';
import { cipher, type Rig, type RigOptions, startRig } from './rig.ts';

export interface WorldOptions extends Omit<RigOptions, 'boxes'> {
  hooks?: BoxHooks;
  mute?: (box: FolderBox) => boolean;
  longestCreateMs?: number;
}

/** Workers with boxes that are files and agents that register by themselves. */
export interface World extends AsyncDisposable {
  readonly rig: Rig;
  readonly folder: Folder;
}

export async function startWorld({ hooks, mute, longestCreateMs, ...options }: WorldOptions = {}): Promise<World> {
  const directory = mkdtempSync(path.join(os.tmpdir(), 'holdfast-world-'));
  const folder = new Folder(directory);
  const rig = await startRig({
    ...options,
    boxes: ({ db, host }) =>
      folderBoxes({
        db,
        cipher,
        host,
        folder,
        hooks,
        longestCreateMs,
      }),
  });
  const agents = startAgents({ db: rig.db, cipher, folder, poker: rig.poker, ...(mute ? { mute } : {}) });
  return {
    rig,
    folder,
    async [Symbol.asyncDispose]() {
      await agents[Symbol.asyncDispose]();
      await rig.stop();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** The types of a workspace's events, in order; their numbers have no gap. Audit rows have none, and no listener. */
export async function eventsOf({ db }: Pick<Rig, 'db'>, workspaceId: string): Promise<string[]> {
  const events = await db.structureEvent.findMany({
    where: { workspaceId, seq: { not: null } },
    orderBy: { seq: 'asc' },
  });
  expect(events.map(({ seq }) => Number(seq))).toEqual(events.map((_, place) => place + 1));
  return events.map(({ eventType }) => eventType);
}

/** Waits until what the ledger says is there is what is there, paying debts meanwhile. */
export async function ledgerIsReality(
  { rig, folder }: Pick<World, 'rig' | 'folder'>,
  workspaceIds: readonly string[],
): Promise<void> {
  const ids = [...workspaceIds];
  await waitFor(
    async () => {
      await rig.db.box.updateMany({
        where: { workspaceId: { in: ids }, state: 'owed' },
        data: { nextAttemptAt: new Date(0) },
      });
      await rig.finishOwed();
      const rows = await rig.db.box.findMany({ where: { workspaceId: { in: ids }, state: { not: 'gone' } } });
      if (rows.some(({ state }) => state !== 'running')) return false;
      const real = folder.boxes().filter(({ workspaceId }) => ids.includes(workspaceId));
      return same(
        rows.map(({ id }) => id),
        real.map(({ boxId }) => boxId),
      );
    },
    { timeoutMs: 60_000, what: 'the ledger to be what is there' },
  );
}

const same = (a: readonly string[], b: readonly string[]): boolean => [...a].sort().join() === [...b].sort().join();
