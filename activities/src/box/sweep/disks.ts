import type { Database } from '@holdfast/prisma';
import { recordAudit } from '../../event/event-records.ts';
import { cloudOfW } from '../../workspace/workspace-row.ts';
import type { BoxBackend, BoxRef } from '../backend.ts';
import { within } from '../within.ts';
import type { Found, SweepView, Suspect } from './pass.ts';

/** Most in one sweep; the next one finds the rest. */
const BATCH = 100;
/** For so long it is tried again; after that a disk waits for the purge of its workspace, which asks in every cloud. */
const TRIED_DAYS = 7;

interface LeftDisk extends BoxRef {
  readonly operationId: string;
  readonly provider: string;
}

/**
 * What a switch left on disk in a cloud where its workspace is no more: the one it moved from, or the one it came back
 * from. Not before the switch has ended, since its way back needs that disk.
 */
export async function findLeftDisks(view: SweepView): Promise<Found> {
  const { context } = view;
  const backend = context.dispatcher.backends.find(({ kind }) => kind === 'control-plane');
  if (!backend) return { fleet: 0, suspects: [] };
  const left = await leftBySwitches(context.db, context.owner);
  return { fleet: 0, suspects: left.map((disk) => leftBySwitch(view, backend, disk)) };
}

/** Its last instance there names the disk. While one of a cloud may still run, that comes first. */
const leftBySwitches = (db: Database, owner: string): Promise<LeftDisk[]> => db.$queryRaw<LeftDisk[]>`
  SELECT o.id AS "operationId", w.id AS "workspaceId", cloud.name AS provider, last.id AS "boxId",
         last.external_id AS "externalId"
  FROM operations o
  JOIN workspaces w ON w.id = o.workspace_id AND w.status <> 'removed' AND w.operation_id IS NULL
  CROSS JOIN LATERAL (VALUES (o.request->>'provider_from'), (o.request->>'provider_to')) cloud(name)
  CROSS JOIN LATERAL (
    SELECT b.id, b.external_id FROM boxes b
    WHERE b.workspace_id = w.id AND b.provider = cloud.name AND b.owner = ${owner} AND b.external_id IS NOT NULL
    ORDER BY b.created_at DESC LIMIT 1) last
  WHERE o.kind = 'switch' AND o.ended_at > clock_timestamp() - ${TRIED_DAYS} * interval '1 day'
    AND cloud.name <> ${cloudOfW}
    AND NOT EXISTS (
      SELECT 1 FROM boxes b WHERE b.workspace_id = w.id AND b.provider = cloud.name AND b.state <> 'gone')
    AND NOT EXISTS (
      SELECT 1 FROM structure_events done
      WHERE done.workspace_id = w.id AND done.event_type = 'workspace.provider.switch_disk_removed'
        AND done.target_id = o.id)
  ORDER BY o.ended_at LIMIT ${BATCH}`;

const leftBySwitch = (view: SweepView, backend: BoxBackend, disk: LeftDisk): Suspect => ({
  kind: 'volumes',
  boxId: disk.boxId,
  workspaceId: disk.workspaceId,
  backend: backend.kind,
  what: `a switch left what was kept on disk at ${disk.provider}`,
  action: 'remove it, and note that it is gone',
  async mend() {
    const { operationId, workspaceId, provider } = disk;
    await within(view.leftMs(), backend.removeVolumes(workspaceId, { purge: true, boxes: [disk] }));
    await view.context.db.$transaction((tx) =>
      recordAudit(tx, {
        workspaceId,
        type: 'workspace.provider.switch_disk_removed',
        payload: { workspace_id: workspaceId, old_provider: provider },
        targetId: operationId,
        key: `${operationId}:disk-removed`,
      }),
    );
    return true;
  },
});
