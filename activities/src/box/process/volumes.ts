import { access } from 'node:fs/promises';
import type { SeenVolume } from '../backend.ts';
import { workspaceDirectories } from './directories.ts';
import { ownerOf } from './workspace-owner.ts';

/** What a workspace of this owner has on disk. */
export async function volumesOf(root: string, workspaceId: string, owner: string): Promise<SeenVolume[]> {
  if ((await ownerOf(root, workspaceId)) !== owner) return [];
  const { configs, plugins, sessions, boxes, work } = workspaceDirectories(root, workspaceId);
  const rest = await Promise.all([configs, plugins, sessions, boxes].map(exists));
  return [
    ...(rest.includes(true) ? [{ workspaceId, isWork: false }] : []),
    ...((await exists(work)) ? [{ workspaceId, isWork: true }] : []),
  ];
}

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );
