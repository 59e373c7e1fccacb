import type { Database } from '@holdfast/prisma';
import type { BoxBackend, LegacyBox, LegacyBoxes } from '../backend.ts';
import { within } from '../within.ts';
import type { Found, SweepView, Suspect } from './pass.ts';

/**
 * Containers of the platform before this one whose workspace is removed, or that have none. They are found only where
 * an operator has said that they are his.
 */
export async function findLegacyBoxes(view: SweepView): Promise<Found> {
  let fleet = 0;
  const suspects: Suspect[] = [];
  for (const { backend } of view.listed) {
    const { legacy } = backend;
    if (!legacy) continue;
    const boxes = await within(view.leftMs(), legacy.list());
    const orphaned = await orphanedPrefixes(
      view.context.db,
      boxes.map(({ prefix }) => prefix),
    );
    fleet += boxes.length;
    suspects.push(
      ...boxes.filter(({ prefix }) => orphaned.has(prefix)).map((box) => suspect(view, backend, legacy, box)),
    );
  }
  return { fleet, suspects };
}

/** Of these prefixes, those that begin the id of no workspace but removed ones. They are hex and dashes: no wildcard. */
async function orphanedPrefixes(db: Database, prefixes: readonly string[]): Promise<Set<string>> {
  const rows = await db.$queryRaw<{ prefix: string }[]>`
    SELECT p.prefix FROM unnest(${prefixes}::text[]) AS p(prefix)
    WHERE NOT EXISTS (SELECT 1 FROM workspaces w WHERE w.id::text LIKE p.prefix || '%' AND w.status <> 'removed')`;
  return new Set(rows.map(({ prefix }) => prefix));
}

const suspect = (view: SweepView, backend: BoxBackend, legacy: LegacyBoxes, box: LegacyBox): Suspect => ({
  kind: 'legacy',
  boxId: null,
  workspaceId: null,
  backend: backend.kind,
  what: `ws-${box.prefix}, a container of the platform before this one, belongs to no workspace`,
  action: 'remove it, and then its volumes but its work',
  async mend() {
    if (!(await orphanedPrefixes(view.context.db, [box.prefix])).has(box.prefix)) return false;
    await within(view.leftMs(), legacy.remove(box));
    return true;
  },
});
