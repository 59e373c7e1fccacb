import { labelValue } from '../provider/marks.ts';
import { type Instance, isLive, type Provider } from '../provider/port.ts';
import type { Providers } from '../provider/registry.ts';
import type { InstanceRow } from './instance-row.ts';
import type { InstanceRows } from './instance-rows.ts';
import type { Which } from './which.ts';

export interface FindParts {
  readonly rows: InstanceRows;
  readonly providers: Providers;
}

/** Whose instance is asked for; what belongs to anybody else is not there. */
export interface Asker {
  readonly orgId: string;
  readonly workspaceId: string;
}

/** The row that is meant, among the asker's own. */
export async function rowOf({ rows }: FindParts, asker: Asker, which: Which): Promise<InstanceRow | null> {
  const { instance_id: instanceId, box_id: boxId, provider } = which;
  if (boxId === undefined) return await rows.ofInstance(asker.orgId, asker.workspaceId, instanceId ?? '', provider);
  const row = await rows.ofBox(asker.orgId, boxId);
  return row?.workspace_id === asker.workspaceId ? row : null;
}

/** A live instance whose row was lost, wherever it runs if no cloud was named: its marks say whose it is. */
export async function unrecorded(
  { providers }: FindParts,
  asker: Asker,
  which: Which,
): Promise<{ provider: Provider; instance: Instance } | null> {
  for (const name of which.provider === undefined ? providers.names : [which.provider]) {
    const provider = await providers.get(name);
    const instance =
      which.instance_id === undefined
        ? await provider.find({ orgId: asker.orgId, boxId: which.box_id ?? '' })
        : await provider.describe(which.instance_id);
    if (isLive(instance) && isTheirs(instance, asker)) return { provider, instance };
  }
  return null;
}

const isTheirs = ({ marks }: Instance, asker: Asker): boolean =>
  marks.orgId === labelValue(asker.orgId) && marks.workspaceId === labelValue(asker.workspaceId);

/** What has become of an instance, as the contract calls it. */
export async function stateOf(parts: FindParts, asker: Asker, which: Which): Promise<string> {
  const row = await rowOf(parts, asker, which);
  if (!row) return (await unrecorded(parts, asker, which))?.instance.state ?? 'terminated';
  if (row.state === 'gone') return 'terminated';
  const provider = await parts.providers.get(row.provider);
  const found =
    row.instance_id === null
      ? await provider.find({ orgId: row.org_id, boxId: row.box_id })
      : await provider.describe(row.instance_id);
  if (found) return found.state;
  return row.in_flight ? 'pending' : 'terminated';
}
