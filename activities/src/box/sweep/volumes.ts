import { setTimeout as pause } from 'node:timers/promises';
import type { Database } from '@holdfast/prisma';
import type { BoxBackend, SeenVolume } from '../backend.ts';
import { within } from '../within.ts';
import type { Found, SweepView, Suspect } from './pass.ts';

/** With doubling pauses from a fifth of a second on: some seconds in all. */
const MOST_TRIES = 5;

/** What a workspace's volumes are judged by. */
export interface Remains {
  readonly id: string;
  /** `absent`: there is no such row. */
  readonly status: 'removed' | 'absent';
  /** A purge of it is on record: then its work is to go, too. */
  readonly purged: boolean;
}

/**
 * Of these workspaces, those that are removed or not in the database, that have no box left here, and that nobody is
 * changing. A row that is missing without a purge on record may be one that was lost.
 */
function findRemains(db: Database, host: string, ids: readonly string[]): Promise<Remains[]> {
  return db.$queryRaw<Remains[]>`
    SELECT i.id::text AS id, coalesce(w.status::text, 'absent') AS status,
           w.id IS NULL AND EXISTS (
             SELECT 1 FROM operations o
             WHERE o.workspace_id = i.id AND o.kind = 'delete' AND o.request->>'purge' = 'true') AS purged
    FROM unnest(${ids}::uuid[]) AS i(id) LEFT JOIN workspaces w ON w.id = i.id
    WHERE (w.id IS NULL OR w.status = 'removed')
      AND NOT EXISTS (SELECT 1 FROM boxes b WHERE b.workspace_id = i.id AND b.host = ${host} AND b.state <> 'gone')
      AND NOT EXISTS (SELECT 1 FROM operations o WHERE o.workspace_id = i.id AND o.state IN ('accepted', 'running'))`;
}

/** What the workspaces of one backend have on disk that is nobody's any more. */
export async function findVolumes(view: SweepView): Promise<Found> {
  const { db, host } = view.context;
  const found: Found[] = [];
  for (const { backend, boxes } of view.listed) {
    const volumes = await within(view.leftMs(), backend.listVolumes());
    const withBox = new Set(boxes.map(({ workspaceId }) => workspaceId));
    const ids = [...new Set(volumes.map(({ workspaceId }) => workspaceId))].filter((id) => !withBox.has(id));
    const remains = (await findRemains(db, host, ids)).filter((remains) => isLeft(volumes, remains));
    const configured = new Set(volumes.filter(({ isWork }) => !isWork).map(({ workspaceId }) => workspaceId));
    for (const { id } of remains) configured.add(id);
    found.push({ fleet: configured.size, suspects: remains.map((left) => suspect(view, backend, left)) });
  }
  return {
    fleet: found.reduce((sum, { fleet }) => sum + fleet, 0),
    suspects: found.flatMap(({ suspects }) => suspects),
  };
}

/** A workspace that was deleted keeps its work: that alone is as it should be. */
const isLeft = (volumes: readonly SeenVolume[], { id, purged }: Remains): boolean =>
  volumes.some(({ workspaceId, isWork }) => workspaceId === id && (!isWork || purged));

const suspect = (view: SweepView, backend: BoxBackend, { id, status, purged }: Remains): Suspect => ({
  kind: 'volumes',
  boxId: null,
  workspaceId: id,
  backend: backend.kind,
  what: status === 'removed' ? 'volumes of a removed workspace' : 'volumes of a workspace that is not in the database',
  action: purged ? 'remove its volumes, its work included' : 'remove its volumes but its work',
  mend: () => clearVolumes(view, backend, id),
});

/** Looks again, and removes them; false when the workspace has come to have a use for them. */
export async function clearVolumes(view: SweepView, backend: BoxBackend, workspaceId: string): Promise<boolean> {
  const [remains] = await findRemains(view.context.db, view.context.host, [workspaceId]);
  if (!remains) return false;
  const { first } = view.context.settings.stopRetryMs;
  for (let tries = 1; ; tries++) {
    try {
      await within(view.leftMs(), backend.removeVolumes(workspaceId, { purge: remains.purged }));
      return true;
    } catch (error) {
      // A container that somebody else is removing at this moment still holds them.
      if (tries === MOST_TRIES || view.leftMs() <= 0) throw error;
      await pause(first * 2 ** tries);
    }
  }
}
