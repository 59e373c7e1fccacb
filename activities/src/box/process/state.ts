import { randomUUID } from 'node:crypto';
import { mkdir, readFile, readdir, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { isId } from '../names.ts';
import { boxDirectory, workspaceDirectories } from './directories.ts';

/** What is known of a box on disk; written before its process is, so that none is ever unknown. */
export interface ProcessState {
  readonly boxId: string;
  readonly workspaceId: string;
  readonly owner: string;
  /** Milliseconds since 1970. */
  readonly born: number;
  /** `stopping` and `stopped` are for ever: a start that comes too late finds them and gives up. `stopped` is proven. */
  readonly phase: 'starting' | 'started' | 'stopping' | 'stopped';
  readonly pid?: number;
  readonly mark?: string;
}

export async function readState(root: string, workspaceId: string, boxId: string): Promise<ProcessState | null> {
  try {
    return JSON.parse(await readFile(boxDirectory(root, workspaceId, boxId).state, 'utf8')) as ProcessState;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

export async function writeState(root: string, state: ProcessState): Promise<void> {
  const { base, state: file } = boxDirectory(root, state.workspaceId, state.boxId);
  await mkdir(base, { recursive: true, mode: 0o700 });
  await replaceFile(file, JSON.stringify(state), 0o600);
}

/** Writes a file so that a reader sees the old or the new content, never a part. */
export async function replaceFile(file: string, content: string | Uint8Array, mode: number): Promise<void> {
  const partial = `${file}.${randomUUID()}`;
  await writeFile(partial, content, { mode });
  await rename(partial, file);
}

/** The states of every box of a workspace that this owner has on disk. */
export async function statesOf(root: string, workspaceId: string, owner: string): Promise<ProcessState[]> {
  const ids = (await namesIn(workspaceDirectories(root, workspaceId).boxes)).filter(isId);
  const states = await Promise.all(ids.map((boxId) => readState(root, workspaceId, boxId)));
  return states.filter((state) => state !== null && state.owner === owner) as ProcessState[];
}

/** What somebody else has put beside them is none. */
export const workspacesIn = async (root: string): Promise<string[]> =>
  (await namesIn(path.join(root, 'workspaces'))).filter(isId);

async function namesIn(directory: string): Promise<string[]> {
  try {
    return await readdir(directory);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
