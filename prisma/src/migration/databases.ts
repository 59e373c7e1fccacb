import pg from 'pg';

/** Creates the database of `url` when the server does not have it yet. */
export async function ensureDatabase(url: string): Promise<void> {
  await onServer(url, async (admin, name) => {
    const found = await admin.query('SELECT 1 FROM pg_database WHERE datname = $1', [name]);
    if (found.rowCount !== 0) return;
    try {
      await admin.query(`CREATE DATABASE ${pg.escapeIdentifier(name)}`);
    } catch (error) {
      // Two launchers may create it at the same instant.
      if (!['42P04', '23505'].includes((error as { code?: string }).code ?? '')) throw error;
    }
  });
}

/** Drops the database of `url`, ending whatever still uses it. */
export async function dropDatabase(url: string): Promise<void> {
  await onServer(url, async (admin, name) => {
    await admin.query(`DROP DATABASE IF EXISTS ${pg.escapeIdentifier(name)} WITH (FORCE)`);
  });
}

async function onServer(url: string, use: (admin: pg.Client, name: string) => Promise<void>): Promise<void> {
  const target = new URL(url);
  const name = decodeURIComponent(target.pathname.slice(1));
  target.pathname = '/postgres';
  const admin = new pg.Client(target.href);
  await admin.connect();
  try {
    await use(admin, name);
  } finally {
    await admin.end();
  }
}
