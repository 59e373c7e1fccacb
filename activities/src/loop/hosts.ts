import type { Database } from '@holdfast/prisma';

/** The hosts whose workers serve one of these kinds of backends, or did when they were last seen. */
export async function listHosts(db: Database, kinds: readonly string[]): Promise<string[]> {
  const hosts = await db.$queryRaw<{ host: string }[]>`
    SELECT DISTINCT host FROM backends WHERE kind = ANY(${kinds}::text[]) ORDER BY host`;
  return hosts.map(({ host }) => host);
}
