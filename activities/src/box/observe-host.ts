import type { BoxContext } from './box-context.ts';

/**
 * Notes which backends of this host answer now; all workers of a host serve the same ones. A backend that does not
 * answer keeps its old time, and so counts as away: requests wait for it instead of being told that there is none.
 */
export async function observeHost({
  db,
  dispatcher,
  host,
  log,
}: Pick<BoxContext, 'db' | 'dispatcher' | 'host' | 'log'>): Promise<string[]> {
  const kinds = dispatcher.backends.map(({ kind }) => kind);
  // What an earlier worker of this host served and this one does not is none, not away.
  await db.$executeRaw`DELETE FROM backends WHERE host = ${host} AND NOT kind = ANY(${kinds}::text[])`;
  const served: string[] = [];
  for (const backend of dispatcher.backends) {
    try {
      await backend.ping();
    } catch (error) {
      log.warn({ backend: backend.kind, cause: String(error) }, 'a backend does not answer');
      continue;
    }
    await db.$executeRaw`
      INSERT INTO backends (host, kind, seen_at) VALUES (${host}, ${backend.kind}, clock_timestamp())
      ON CONFLICT (host, kind) DO UPDATE SET seen_at = EXCLUDED.seen_at`;
    served.push(backend.kind);
  }
  return served;
}
