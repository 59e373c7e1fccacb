import type { Database } from '@holdfast/prisma';
import { recordAudit } from '../../event/event-records.ts';
import { cloudOfW } from '../../workspace/workspace-row.ts';
import type { BoxBackend, CloudInstance } from '../backend.ts';
import { forgetInstance } from '../stop-box.ts';
import { within } from '../within.ts';
import type { Found, SweepView, Suspect } from './pass.ts';

/** Most of each kind in one sweep; the next one finds the rest. */
const BATCH = 100;

/**
 * Instances of clouds that a row names and no box of the ledger: what was there before this version, and what lost its
 * row. It needs no list, so that it works with every control plane. A box that is on the ledger is paid there.
 */
export async function findInstances(view: SweepView): Promise<Found> {
  const { context } = view;
  const backend = context.dispatcher.backends.find(({ endInstance }) => endInstance);
  if (!backend?.endInstance) return { fleet: 0, suspects: [] };
  const [removed, left] = [await ofRemovedRows(context.db), await leftBySwitches(context.db)];
  return {
    fleet: 0,
    suspects: [
      ...removed.map((instance) => ofRemovedRow(view, backend, instance)),
      ...left.map((switched) => leftBySwitch(view, backend, switched)),
    ],
  };
}

/** Named by the row of a removed workspace, and not left to the ledger: that stops what it knows itself. */
const ofRemovedRows = (db: Database): Promise<CloudInstance[]> => db.$queryRaw<CloudInstance[]>`
  SELECT w.id AS "workspaceId", w.instance_id AS "instanceId", coalesce(
    (SELECT b.provider FROM boxes b WHERE b.workspace_id = w.id AND b.external_id = w.instance_id LIMIT 1),
    ${cloudOfW}) AS provider
  FROM workspaces w
  WHERE w.status = 'removed' AND w.instance_id IS NOT NULL
    AND NOT EXISTS (
      SELECT 1 FROM boxes b WHERE b.workspace_id = w.id AND b.external_id = w.instance_id AND b.state <> 'gone')
  ORDER BY w.updated_at LIMIT ${BATCH}`;

interface Switched extends CloudInstance {
  readonly auditId: string;
  /** The ledger says that it is gone: nothing is left to do. */
  readonly isGone: boolean;
}

/** What is done is written beside the audit row, not into it: that is kept as it was. */
const leftBySwitches = (db: Database): Promise<Switched[]> => db.$queryRaw<Switched[]>`
  SELECT e.id AS "auditId", e.workspace_id AS "workspaceId", e.payload->>'old_instance_id' AS "instanceId",
         e.payload->>'old_provider' AS provider, b.id IS NOT NULL AS "isGone"
  FROM structure_events e LEFT JOIN boxes b
    ON b.workspace_id = e.workspace_id AND b.external_id = e.payload->>'old_instance_id'
  WHERE e.event_type = 'workspace.provider.switch_stop_exhausted' AND coalesce(b.state = 'gone', true)
    AND NOT EXISTS (
      SELECT 1 FROM structure_events done
      WHERE done.workspace_id = e.workspace_id AND done.event_type = 'workspace.provider.switch_stop_completed'
        AND done.target_id = e.id)
  ORDER BY e.created_at LIMIT ${BATCH}`;

const ofRemovedRow = (view: SweepView, backend: BoxBackend, instance: CloudInstance): Suspect => ({
  kind: 'instance',
  boxId: null,
  workspaceId: instance.workspaceId,
  backend: backend.kind,
  what: `a removed workspace still has the instance ${instance.instanceId} at ${instance.provider}`,
  action: 'end it, and forget it',
  async mend() {
    await end(view, backend, instance);
    await forgetInstance(view.context.db, instance.workspaceId, instance.instanceId);
    return true;
  },
});

const leftBySwitch = (view: SweepView, backend: BoxBackend, switched: Switched): Suspect => ({
  kind: 'instance',
  boxId: null,
  workspaceId: switched.workspaceId,
  backend: backend.kind,
  what: `a switch left the instance ${switched.instanceId} at ${switched.provider}`,
  action: switched.isGone ? 'note that it is gone' : 'end it, and note that it is gone',
  async mend() {
    if (!switched.isGone) await end(view, backend, switched);
    const { auditId, workspaceId, instanceId, provider } = switched;
    await view.context.db.$transaction((tx) =>
      recordAudit(tx, {
        workspaceId,
        type: 'workspace.provider.switch_stop_completed',
        payload: { workspace_id: workspaceId, old_instance_id: instanceId, old_provider: provider },
        targetId: auditId,
        key: `${auditId}:completed`,
      }),
    );
    return true;
  },
});

async function end(view: SweepView, backend: BoxBackend, instance: CloudInstance): Promise<void> {
  if (backend.endInstance) await within(view.leftMs(), backend.endInstance(instance));
}
