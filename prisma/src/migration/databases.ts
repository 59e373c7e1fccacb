import pg from 'pg';

const NO_SUCH_DATABASE = '3D000';
const ALREADY_THERE = ['42P04', '23505'];

/** Creates the database of `url` when the server does not have it yet. */
export async function ensureDatabase(url: string): Promise<void> {
  // Asked first: on a server of their own people may have no right to anything but the database itself.
  const client = new pg.Client(url);
  try {
    await client.connect();
    return;
  } catch (error) {
    if (codeOf(error) !== NO_SUCH_DATABASE) throw error;
  } finally {
    await client.end();
  }
  await onServer(url, async (admin, name) => {
    try {
      await admin.query(`CREATE DATABASE ${pg.escapeIdentifier(name)}`);
    } catch (error) {
      // Two launchers may create it at the same instant.
      if (!ALREADY_THERE.includes(codeOf(error))) throw error;
    }
  });
}

const codeOf = (error: unknown): string => (error as { code?: string }).code ?? '';

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
