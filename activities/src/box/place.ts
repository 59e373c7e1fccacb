import type { Tx } from '@holdfast/prisma';

/** How long a host counts as present after it was last seen, in seconds. */
const PRESENT_SECONDS = 30;

/**
 * Where the next box of a workspace goes. It stays where its volumes are, even while that host is away; a new one goes
 * to a present host with the fewest boxes, else to the one seen last. Null when no worker ever served a backend.
 */
export async function choosePlace(
  tx: Tx,
  workspace: { backend: string | null; host: string | null },
): Promise<{ host: string; backend: string } | null> {
  if (workspace.backend && workspace.host) return { host: workspace.host, backend: workspace.backend };
  const places = await tx.$queryRaw<{ host: string; backend: string }[]>`
    SELECT b.host, b.kind AS backend FROM backends b
    ORDER BY (b.seen_at > clock_timestamp() - ${PRESENT_SECONDS} * interval '1 second') DESC,
             array_position(ARRAY['control-plane', 'docker', 'process'], b.kind),
             (SELECT count(*) FROM boxes WHERE boxes.host = b.host AND boxes.state <> 'gone'),
             b.seen_at DESC
    LIMIT 1`;
  return places[0] ?? null;
}
