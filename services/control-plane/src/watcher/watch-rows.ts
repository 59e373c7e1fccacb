import type { Database } from '../database/database.ts';
import { type InstanceRow, columns } from '../instance/instance-row.ts';

export interface WatchedRow extends InstanceRow {
  /** The end of its console as it was last seen, sealed: a machine that is gone has none at some clouds. */
  readonly crash_log: Buffer | null;
}

export interface CrashedRow extends WatchedRow {
  readonly crash_error: string;
  readonly report_attempts: number;
}

type Box = Pick<InstanceRow, 'org_id' | 'box_id'>;

/** The rows of the watcher. Whoever takes one has it for `leaseMs`; another control plane takes others meanwhile. */
export function watchRows({ rows }: Pick<Database, 'rows'>) {
  const take = <T extends WatchedRow>(watch: string, more: string, most: number, leaseMs: number): Promise<T[]> =>
    rows<T>(
      `UPDATE control_plane.instances SET next_watch_at = now() + $3 * interval '1 millisecond'
       WHERE (org_id, box_id) IN (
         SELECT org_id, box_id FROM control_plane.instances
         WHERE state = 'running' AND watch = $1 AND next_watch_at <= now()
         ORDER BY next_watch_at LIMIT $2 FOR UPDATE SKIP LOCKED)
       RETURNING ${columns}, crash_log${more}`,
      [watch, most, leaseMs],
    );

  return {
    booting: (most: number, leaseMs: number) => take<WatchedRow>('booting', '', most, leaseMs),

    crashed: (most: number, leaseMs: number) =>
      take<CrashedRow>('crashed', ', crash_error, report_attempts', most, leaseMs),

    async keepConsole(box: Box, sealedLog: Uint8Array): Promise<void> {
      await rows(
        `UPDATE control_plane.instances SET crash_log = $3
         WHERE org_id = $1 AND box_id = $2 AND state = 'running' AND watch = 'booting'`,
        [box.org_id, box.box_id, sealedLog],
      );
    },

    async noteCrash(box: Box, error: string, sealedLog: Uint8Array): Promise<boolean> {
      const noted = await rows(
        `UPDATE control_plane.instances SET watch = 'crashed', crash_error = $3, crash_log = $4, next_watch_at = now()
         WHERE org_id = $1 AND box_id = $2 AND state = 'running' AND watch = 'booting' RETURNING box_id`,
        [box.org_id, box.box_id, error, sealedLog],
      );
      return noted.length > 0;
    },

    /** Nothing more is expected of the watcher: the console's tail goes with it. */
    async done(box: Box, watch: 'reported' | 'unreported' | 'over'): Promise<void> {
      await rows(`UPDATE control_plane.instances SET watch = $3, crash_log = NULL WHERE org_id = $1 AND box_id = $2`, [
        box.org_id,
        box.box_id,
        watch,
      ]);
    },

    async tryLater(box: Box, afterMs: number): Promise<void> {
      await rows(
        `UPDATE control_plane.instances SET report_attempts = report_attempts + 1,
           next_watch_at = now() + $3 * interval '1 millisecond' WHERE org_id = $1 AND box_id = $2`,
        [box.org_id, box.box_id, afterMs],
      );
    },
  };
}
export type WatchRows = ReturnType<typeof watchRows>;
