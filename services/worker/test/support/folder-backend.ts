import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { BackendError } from '@holdfast/activities/box/backend-error';
import type { BackendKind } from '@holdfast/workflows/box/box';
import type { BoxBackend, BoxSpec } from '@holdfast/activities/box/backend';

/** A box in the folder: a file under its id. */
export interface FolderBox {
  readonly boxId: string;
  readonly workspaceId: string;
  readonly born: number;
  /** What its agent would find in its token file. */
  readonly token: string;
  /** What its agent registers with where it has no token file. */
  readonly nonce?: string | null;
}

/**
 * Boxes that are files: what is really there outlives every worker, and any process can look. It keeps the promises of
 * the port as the real backends do.
 */
export class Folder {
  readonly directory: string;

  constructor(directory: string) {
    this.directory = directory;
    mkdirSync(path.join(directory, 'volumes'), { recursive: true });
    mkdirSync(path.join(directory, 'boxes'), { recursive: true });
  }

  boxes(): FolderBox[] {
    const folder = path.join(this.directory, 'boxes');
    return readdirSync(folder)
      .filter((name) => !name.endsWith('.partial'))
      .flatMap((name) => {
        try {
          return [JSON.parse(readFileSync(path.join(folder, name), 'utf8')) as FolderBox];
        } catch {
          return []; // removed between the look and the read
        }
      });
  }

  put(box: FolderBox): void {
    const file = this.fileOf(box.boxId);
    writeFileSync(`${file}.partial`, JSON.stringify(box));
    renameSync(`${file}.partial`, file);
    mkdirSync(this.volumeOf(box.workspaceId), { recursive: true });
  }

  remove(boxId: string): boolean {
    try {
      unlinkSync(this.fileOf(boxId));
      return true;
    } catch {
      return false;
    }
  }

  hasVolume = (workspaceId: string): boolean => existsSync(this.volumeOf(workspaceId));
  removeVolume = (workspaceId: string): void => rmSync(this.volumeOf(workspaceId), { recursive: true, force: true });

  private fileOf = (boxId: string): string => path.join(this.directory, 'boxes', boxId);
  private volumeOf = (workspaceId: string): string => path.join(this.directory, 'volumes', workspaceId);
}

export function folderBackend(folder: Folder, kind: BackendKind = 'process'): BoxBackend {
  return {
    kind,
    ping: () => Promise.resolve(),
    async start(spec, signal) {
      signal.throwIfAborted();
      create(folder, spec);
      return { externalId: spec.boxId, url: `http://127.0.0.1:1/${spec.boxId}`, internalUrl: null };
    },
    stop: ({ boxId }) => Promise.resolve(folder.remove(boxId) ? 'stopped' : 'absent'),
    isRunning: ({ boxId }) => Promise.resolve({ running: folder.boxes().some((box) => box.boxId === boxId) }),
    console: () => Promise.resolve(''),
    list: () =>
      Promise.resolve(
        folder.boxes().map(({ boxId, workspaceId, born }) => ({
          boxId,
          workspaceId,
          externalId: boxId,
          running: true,
          born: new Date(born),
        })),
      ),
    hasConfig: (workspaceId) => Promise.resolve(folder.hasVolume(workspaceId)),
    listVolumes: () => Promise.resolve([]),
    removeVolumes: (workspaceId) => Promise.resolve(folder.removeVolume(workspaceId)),
  };
}

function create(folder: Folder, spec: BoxSpec): void {
  const others = folder.boxes().filter(({ workspaceId }) => workspaceId === spec.workspaceId);
  if (others.some(({ boxId }) => boxId === spec.boxId)) return;
  if (!spec.credentials) throw new BackendError('credentialsGone', 'its agent has registered, and it is gone');
  if (others.some(({ born }) => born > spec.born.getTime())) throw new BackendError('newer', 'there is a newer one');
  for (const { boxId } of others) folder.remove(boxId);
  const { boxId, workspaceId, born, credentials, cloud } = spec;
  folder.put({ boxId, workspaceId, born: born.getTime(), token: credentials.token, nonce: cloud?.nonce ?? null });
}
