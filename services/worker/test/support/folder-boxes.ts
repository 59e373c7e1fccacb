import { type Folder, folderBackend } from './folder-backend.ts';
import { type BoxHooks, hooked } from './hooked.ts';
import { hostBoxes, type HostBoxesOptions } from './host-boxes.ts';
import type { HostBoxes } from './rig.ts';

export interface FolderBoxesOptions extends Omit<HostBoxesOptions, 'backends'> {
  readonly folder: Folder;
  readonly hooks?: BoxHooks | undefined;
}

/** The product's own steps on boxes, over the backend of files; the same folder passes itself off as clouds as well. */
export const folderBoxes = ({ folder, hooks = {}, ...options }: FolderBoxesOptions): HostBoxes =>
  hostBoxes({ ...options, backends: folderBackends(folder).map((backend) => hooked(backend, hooks)) });

export const folderBackends = (folder: Folder) => [
  folderBackend(folder, 'process'),
  folderBackend(folder, 'control-plane'),
];
