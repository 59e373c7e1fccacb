import path from 'node:path';
import { BackendError } from '../backend-error.ts';
import { isId } from '../names.ts';

/** Ids become directory names: nothing else may. */
function checked(id: string): string {
  if (!isId(id)) throw new BackendError('refused', `process: not an id: ${id}`);
  return id;
}

/** Everything a workspace has on disk; what Docker keeps in volumes. */
export function workspaceDirectories(root: string, workspaceId: string) {
  const base = path.join(root, 'workspaces', checked(workspaceId));
  return {
    base,
    configs: path.join(base, 'configs'),
    plugins: path.join(base, 'plugins'),
    work: path.join(base, 'work'),
    sessions: path.join(base, 'sessions'),
    boxes: path.join(base, 'boxes'),
    lock: path.join(base, 'lock'),
  };
}

/** What one box leaves besides: its state, its output, the address it listens on. */
export function boxDirectory(root: string, workspaceId: string, boxId: string) {
  const base = path.join(workspaceDirectories(root, workspaceId).boxes, checked(boxId));
  return { base, state: path.join(base, 'state.json'), log: path.join(base, 'agent.log'), url: path.join(base, 'url') };
}
