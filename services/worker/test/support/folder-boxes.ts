import { createBoxActivities } from '@holdfast/activities/box/box-activities';
import { defaultBoxSettings } from '@holdfast/activities/box/box-context';
import { parseRuntimes } from '@holdfast/activities/box/runtimes';
import { withProgress } from '@holdfast/activities/operation/progress';
import type { Cipher } from '@holdfast/activities/secret/cipher';
import type { Database } from '@holdfast/prisma';
import { type Folder, folderBackend, type FolderHooks } from './folder-backend.ts';
import type { HostBoxes } from './rig.ts';

const runtimes = parseRuntimes(
  '{ fallback: reference, provisionTimeoutSeconds: 600, runtimes: { reference: { image: none } } }',
);
const log = { info: () => undefined, warn: () => undefined, error: () => undefined };

export interface FolderBoxesOptions {
  readonly db: Database;
  readonly cipher: Cipher;
  readonly host: string;
  readonly folder: Folder;
  readonly hooks?: FolderHooks;
  /** How long a create may still come out after it was begun, in milliseconds. */
  readonly longestCreateMs?: number;
}

/** The product's own steps on boxes, over the backend of files. */
export function folderBoxes({
  db,
  cipher,
  host,
  folder,
  hooks,
  longestCreateMs = 1_000,
}: FolderBoxesOptions): HostBoxes {
  const { port, finishOwed } = createBoxActivities({
    db,
    cipher,
    // The same folder passes itself off as clouds, for what is only done there.
    backends: [folderBackend(folder, hooks), folderBackend(folder, hooks, 'control-plane')],
    owner: 'test-owner',
    host,
    log,
    settings: {
      ...defaultBoxSettings,
      platformUrl: 'http://127.0.0.1:1',
      templateRoot: null,
      orgTemplateRoot: null,
      workspaceDir: null,
      awarenessUrl: null,
      runtimes,
      mutators: [],
      longestCreateMs,
      stopRetryMs: { first: 50, longest: 500 },
    },
  });
  return { port: withProgress(db, port), finishOwed };
}
