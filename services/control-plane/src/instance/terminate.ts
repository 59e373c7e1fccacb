import { setTimeout as pause } from 'node:timers/promises';
import { isLive, type Instance, type Provider } from '../provider/port.ts';
import type { Providers } from '../provider/registry.ts';
import type { InstanceRow } from './instance-row.ts';
import type { InstanceRows } from './instance-rows.ts';

export interface TerminateParts {
  readonly rows: InstanceRows;
  readonly providers: Providers;
  /** How long to wait until an instance is gone. */
  readonly waitMs: number;
  readonly lookMs: number;
}

/** `terminated`: there is none, and none will come. `terminating`: it is being seen to. */
export type Ended = 'terminated' | 'terminating';

/** Ends a box. May be repeated; what is left is finished by the loop, whatever becomes of the caller. */
export async function terminate(parts: TerminateParts, row: InstanceRow, options: { prune: boolean }): Promise<Ended> {
  const isOver = row.state === 'gone' && (!options.prune || row.prune);
  if (isOver) return 'terminated';
  const ending = await parts.rows.terminating(row, options);
  return ending ? await settle(parts, ending, parts.waitMs) : 'terminated';
}

/** Brings a box that is to end closer to its end. */
export async function settle(parts: TerminateParts, row: InstanceRow, waitMs: number): Promise<Ended> {
  const provider = await parts.providers.get(row.provider);
  const isGone = await endInstance(provider, () => lookUp(provider, row), waitMs, parts.lookMs);
  if (!isGone) return 'terminating';
  if (row.prune && !(await isPruned(parts, provider, row))) return 'terminating';
  return (await parts.rows.gone(row)) ? 'terminated' : 'terminating';
}

/** A disk that hangs on an instance which is ending comes free later; one that the next box has is not ours to wait for. */
async function isPruned({ rows }: TerminateParts, provider: Provider, row: InstanceRow): Promise<boolean> {
  const isClear = await provider.removeVolumes({ orgId: row.org_id, workspaceId: row.workspace_id });
  return isClear || (await rows.hasOther(row));
}

/** The instance by the id that was heard; by the box as well, because one that nobody heard of may be there besides. */
export async function lookUp(provider: Provider, row: InstanceRow): Promise<Instance | null> {
  const known = row.instance_id === null ? null : await provider.describe(row.instance_id);
  return isLive(known) ? known : await provider.find({ orgId: row.org_id, boxId: row.box_id });
}

/** Ends what the look finds until it finds nothing; false when it still did at the end of the time. */
export async function endInstance(
  provider: Provider,
  look: () => Promise<Instance | null>,
  waitMs: number,
  lookMs: number,
): Promise<boolean> {
  const until = performance.now() + waitMs;
  for (let asked: string | undefined; ; await pause(lookMs)) {
    const instance = await look();
    if (!isLive(instance)) return true;
    if (instance.instanceId !== asked && instance.state !== 'shutting-down') {
      await provider.terminate(instance.instanceId);
      asked = instance.instanceId;
    }
    if (performance.now() >= until) return false;
  }
}
