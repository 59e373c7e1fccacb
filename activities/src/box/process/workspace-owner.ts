import { mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { BackendError } from '../backend-error.ts';
import { workspaceDirectories } from './directories.ts';
import { replaceFile } from './state.ts';

const fileOf = (root: string, workspaceId: string): string =>
  path.join(workspaceDirectories(root, workspaceId).base, 'owner');

/** Whose workspace directory it is; null when nobody has used it. */
export async function ownerOf(root: string, workspaceId: string): Promise<string | null> {
  try {
    return await readFile(fileOf(root, workspaceId), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

/** Takes the directory for this owner. Under the workspace's lock. @throws BackendError nameTaken when it is another's */
export async function claimWorkspace(root: string, workspaceId: string, owner: string): Promise<void> {
  const known = await ownerOf(root, workspaceId);
  if (known === owner) return;
  if (known !== null)
    throw new BackendError('nameTaken', `process: the directory of ${workspaceId} belongs to another owner`);
  await mkdir(workspaceDirectories(root, workspaceId).base, { recursive: true, mode: 0o700 });
  await replaceFile(fileOf(root, workspaceId), owner, 0o600);
}
