import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';

/** The installation that the launcher of a checkout keeps. */
export interface Checkout {
  /** Address of its gateway. */
  readonly url: string;
  /** Where its admin token is; undefined when there is none to read. */
  readonly tokenFile: string | undefined;
}

/** The installation of the first folder, or the nearest folder above it, that has one. */
export function findCheckout(places: readonly string[]): Checkout | null {
  for (const place of places) {
    for (let folder = path.resolve(place); ; folder = path.dirname(folder)) {
      const found = installationIn(path.join(folder, '.data'));
      if (found) return found;
      if (folder === path.dirname(folder)) break;
    }
  }
  return null;
}

/** The installation a launcher keeps in a folder; null when there is none, or it is not ours. */
export function installationIn(data: string): Checkout | null {
  const ports = path.join(data, 'ports.json');
  const token = path.join(data, 'secrets', 'admin-token');
  // Somebody else's file could point us, and what we are told, to a server of theirs.
  if (!isMine(ports)) return null;
  const port = portIn(ports);
  return port === null ? null : { url: `http://127.0.0.1:${port}`, tokenFile: isMine(token) ? token : undefined };
}

function portIn(file: string): number | null {
  try {
    const { api } = JSON.parse(readFileSync(file, 'utf8')) as { api?: unknown };
    return typeof api === 'number' && Number.isInteger(api) && api > 0 && api < 65_536 ? api : null;
  } catch {
    return null; // half written by a launcher that starts right now
  }
}

function isMine(file: string): boolean {
  const mine = process.getuid?.();
  const stat = statSync(file, { throwIfNoEntry: false });
  return stat !== undefined && stat.isFile() && (mine === undefined || stat.uid === mine);
}
