import { labelValue } from '../provider/marks.ts';
import type { Instance, ProviderName } from '../provider/port.ts';
import type { FindParts } from './find-instance.ts';
import type { InstanceRow } from './instance-row.ts';

/** What there is and what there may be: the clouds' own lists, and boxes that no cloud shows yet but may. */
export async function listInstances({ rows, providers }: FindParts, orgId: string, owner: string | undefined) {
  // The rows first: what is made in between is in the lists.
  const recorded = await rows.ofOwner(orgId, owner);
  const ask = async (name: ProviderName) => {
    try {
      const provider = await providers.get(name);
      const instances = await provider.list(owner);
      return { name, instances: instances.filter(({ marks }) => marks.orgId === labelValue(orgId)) };
    } catch {
      return { name, instances: null };
    }
  };
  const seen = await Promise.all(providers.names.map(ask));
  const found = seen.flatMap(({ name, instances }) => (instances ?? []).map((one) => lineOf(name, one)));
  const boxes = new Set(found.map(({ box_id: boxId }) => boxId));
  const unseen = recorded.filter(({ box_id: boxId, in_flight: mayCome }) => mayCome && !boxes.has(boxId));
  return {
    instances: [...found, ...unseen.map(unseenLine)],
    unreachable: seen.filter(({ instances }) => instances === null).map(({ name }) => name),
  };
}

const lineOf = (provider: ProviderName, { instanceId, state, privateIp, marks, born }: Instance) => ({
  instance_id: instanceId as string | null,
  box_id: marks.boxId,
  workspace_id: marks.workspaceId,
  provider,
  state: state as string,
  private_ip: privateIp,
  created_at: born.toISOString(),
});

const unseenLine = (row: InstanceRow): ReturnType<typeof lineOf> => ({
  instance_id: row.instance_id,
  box_id: row.box_id,
  workspace_id: row.workspace_id,
  provider: row.provider,
  state: 'pending',
  private_ip: row.private_ip,
  created_at: row.created_at.toISOString(),
});
