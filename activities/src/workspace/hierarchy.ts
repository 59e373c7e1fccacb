import type { Tx } from '@holdfast/prisma';

/** A tree deeper than this is not walked further up. */
export const DEEPEST_TREE = 32;

/**
 * Whether two workspaces may talk: the same one, siblings (roots are siblings of each other), or one above the other.
 * An unknown workspace may talk to nobody.
 */
export async function mayCommunicate(tx: Tx, one: string, other: string): Promise<boolean> {
  if (one === other) return true;
  const [row] = await tx.$queryRaw<{ allowed: boolean | null }[]>`
    WITH RECURSIVE up (start, id, parent_id, depth) AS (
      SELECT id, id, parent_id, 0 FROM workspaces WHERE id IN (${one}::uuid, ${other}::uuid)
      UNION ALL
      SELECT up.start, w.id, w.parent_id, up.depth + 1 FROM up JOIN workspaces w ON w.id = up.parent_id WHERE up.depth < ${DEEPEST_TREE}
    )
    SELECT count(*) FILTER (WHERE depth = 0) = 2
       AND (bool_or(start <> id AND id IN (${one}::uuid, ${other}::uuid))
         OR count(DISTINCT coalesce(parent_id::text, 'root')) FILTER (WHERE depth = 0) = 1) AS allowed
    FROM up`;
  return row?.allowed ?? false;
}
