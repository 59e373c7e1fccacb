import type { BoxBackend } from '@holdfast/activities/box/backend';
import { createBoxActivities } from '@holdfast/activities/box/box-activities';
import { createHostLoops, type HostLoops } from '@holdfast/activities/box/host-loops';
import { plainBoxSettings } from '@holdfast/activities/box/testing/plain-settings';
import type { Poker } from '@holdfast/activities/operation/poker';
import { withProgress } from '@holdfast/activities/operation/progress';
import type { Cipher } from '@holdfast/activities/secret/cipher';
import { quietLog } from '@holdfast/infra/testing/quiet-log';
import type { Database } from '@holdfast/prisma';
import type { HostBoxes } from './rig.ts';

export const owner = 'test-owner';

export interface HostBoxesOptions {
  readonly db: Database;
  readonly cipher: Cipher;
  readonly host: string;
  readonly backends: readonly BoxBackend[];
  /** Where agents find the gateway, if there is one. */
  readonly platformUrl?: string | undefined;
  /** How long a create may still come out after it was begun, in milliseconds. */
  readonly longestCreateMs?: number | undefined;
}

const boxOptions = ({ db, cipher, host, backends, platformUrl, longestCreateMs }: HostBoxesOptions) => ({
  db,
  cipher,
  backends,
  owner,
  host,
  log: quietLog,
  settings: {
    ...plainBoxSettings,
    ...(platformUrl === undefined ? {} : { platformUrl }),
    longestCreateMs: longestCreateMs ?? 1_000,
    stopRetryMs: { first: 50, longest: 500 },
  },
});

/** The product's own steps on the boxes of a host. */
export function hostBoxes(options: HostBoxesOptions): HostBoxes {
  const { port, finishOwed } = createBoxActivities(boxOptions(options));
  return { port: withProgress(options.db, port), finishOwed };
}

/** What the product watches the boxes of a host with. */
export const hostLoops = (options: HostBoxesOptions, poker: Poker): HostLoops =>
  createHostLoops({ ...boxOptions(options), poker });
