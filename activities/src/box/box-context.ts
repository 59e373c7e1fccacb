import type { Database } from '@holdfast/prisma';
import type { Cipher } from '../secret/cipher.ts';
import type { BoxLog } from './box-log.ts';
import type { Dispatcher } from './dispatcher.ts';
import type { EnvMutator } from './mutators.ts';
import type { Runtimes } from './runtimes.ts';

export interface BoxSettings {
  /** Address of the gateway as boxes reach it. */
  readonly platformUrl: string;
  /** Root of the workspace templates. */
  readonly templateRoot: string | null;
  /** Root of the organisation's own templates. */
  readonly orgTemplateRoot: string | null;
  /** Host directory for workspaces that name none. */
  readonly workspaceDir: string | null;
  readonly awarenessUrl: string | null;
  readonly runtimes: Runtimes;
  /** In the order they are applied in. */
  readonly mutators: readonly EnvMutator[];
  /** How long a create may still come out after it was begun, in milliseconds. */
  readonly longestCreateMs: number;
  /** Pause between two heartbeats, in milliseconds. */
  readonly beatMs: number;
  /** First and longest pause between two tries to stop a box, in milliseconds. */
  readonly stopRetryMs: { readonly first: number; readonly longest: number };
}

export const defaultBoxSettings = {
  longestCreateMs: 180_000,
  beatMs: 300,
  stopRetryMs: { first: 200, longest: 5_000 },
} as const satisfies Partial<BoxSettings>;

/** What every step that touches boxes stands on. */
export interface BoxContext {
  readonly db: Database;
  readonly cipher: Cipher;
  readonly dispatcher: Dispatcher;
  /** Whose boxes these are, and on which host: no other row of the ledger is ever touched. */
  readonly owner: string;
  readonly host: string;
  readonly settings: BoxSettings;
  readonly log: BoxLog;
}
