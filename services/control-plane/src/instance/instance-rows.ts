import type { Database, Rows } from '../database/database.ts';
import type { Instance, Machine } from '../provider/port.ts';
import { type InstanceRow, columns } from './instance-row.ts';

export interface NewInstance {
  readonly orgId: string;
  readonly boxId: string;
  readonly workspaceId: string;
  readonly owner: string;
  readonly provider: string;
  readonly runtime: string;
  readonly tier: number;
  readonly machine: Machine;
  readonly requestDigest: Uint8Array;
  readonly nonceSalt: Uint8Array;
  readonly nonceDigest: Uint8Array;
  readonly environment: Uint8Array;
  readonly bootMs: number;
}

type Box = Pick<InstanceRow, 'org_id' | 'box_id'>;

/**
 * Held to the end of the transaction by whoever writes the first row of a box: the two tables that it may be in know
 * nothing of each other, and of two who each find the other's empty both would be right.
 */
const lockBox = (inside: Rows, orgId: string, boxId: string): Promise<unknown> =>
  inside('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`control_plane ${orgId} ${boxId}`]);

/** The rows of the instances. A state changes only from the state that its statement names. */
export function instanceRows({ rows, transaction }: Pick<Database, 'rows' | 'transaction'>) {
  const one = async (sql: string, values: readonly unknown[]): Promise<InstanceRow | null> =>
    (await rows<InstanceRow>(sql, values))[0] ?? null;

  return {
    /**
     * Writes the row of a box, or finds the one that is there, and opens an attempt on it if it is still to be made; null
     * when it was ended before it had one.
     */
    async claim(wanted: NewInstance, attemptMs: number): Promise<InstanceRow | null> {
      return await transaction(async (inside) => {
        await lockBox(inside, wanted.orgId, wanted.boxId);
        await inside(
          `INSERT INTO control_plane.instances (org_id, box_id, workspace_id, owner, provider, runtime, tier, machine,
             request_digest, nonce_salt, nonce_digest, environment, boot_ms)
           SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13
           WHERE NOT EXISTS (SELECT 1 FROM control_plane.ended_boxes WHERE org_id = $1 AND box_id = $2)
           ON CONFLICT (org_id, box_id) DO NOTHING`,
          [
            wanted.orgId,
            wanted.boxId,
            wanted.workspaceId,
            wanted.owner,
            wanted.provider,
            wanted.runtime,
            wanted.tier,
            JSON.stringify(wanted.machine),
            wanted.requestDigest,
            wanted.nonceSalt,
            wanted.nonceDigest,
            wanted.environment,
            wanted.bootMs,
          ],
        );
        await inside(
          `UPDATE control_plane.instances
           SET open_attempts = CASE WHEN attempts_until > now() THEN open_attempts ELSE 0 END + 1,
             attempts_until = now() + $3 * interval '1 millisecond'
           WHERE org_id = $1 AND box_id = $2 AND state = 'creating' AND request_digest = $4`,
          [wanted.orgId, wanted.boxId, attemptMs, wanted.requestDigest],
        );
        const [row] = await inside<InstanceRow>(
          `SELECT ${columns} FROM control_plane.instances WHERE org_id = $1 AND box_id = $2`,
          [wanted.orgId, wanted.boxId],
        );
        return row ?? null;
      });
    },

    /** Writes down that a box which has no row is never to get one. One that has is left alone. */
    async neverMake(orgId: string, boxId: string): Promise<void> {
      await transaction(async (inside) => {
        await lockBox(inside, orgId, boxId);
        await inside(
          `INSERT INTO control_plane.ended_boxes (org_id, box_id) SELECT $1, $2
           WHERE NOT EXISTS (SELECT 1 FROM control_plane.instances WHERE org_id = $1 AND box_id = $2)
           ON CONFLICT (org_id, box_id) DO NOTHING`,
          [orgId, boxId],
        );
      });
    },

    /** Ends an attempt that is known to come to nothing more. One that is not runs out by itself. */
    async endAttempt(box: Box): Promise<void> {
      await rows(
        `UPDATE control_plane.instances SET open_attempts = greatest(open_attempts - 1, 0)
         WHERE org_id = $1 AND box_id = $2`,
        [box.org_id, box.box_id],
      );
    },

    /** Writes down which instance a box has; null when the box is to have none any more. */
    started: (box: Box, instance: Instance): Promise<InstanceRow | null> =>
      one(
        `UPDATE control_plane.instances SET state = 'running', instance_id = $3, private_ip = $4,
           started_at = coalesce(started_at, now()), next_watch_at = now()
         WHERE org_id = $1 AND box_id = $2 AND state IN ('creating', 'running') RETURNING ${columns}`,
        [box.org_id, box.box_id, instance.instanceId, instance.privateIp],
      ),

    /** From here on no instance of the box may stay: what it was to be told is erased at once. */
    terminating: (box: Box, options: { prune: boolean; instanceId?: string }): Promise<InstanceRow | null> =>
      one(
        `UPDATE control_plane.instances SET state = 'terminating', prune = prune OR $3, environment = NULL,
           instance_id = coalesce(instance_id, $4),
           crash_log = NULL, next_settle_at = now()
         WHERE org_id = $1 AND box_id = $2 AND state IN ('creating', 'running', 'terminating', 'gone')
         RETURNING ${columns}`,
        [box.org_id, box.box_id, options.prune, options.instanceId ?? null],
      ),

    /** Only when no create can come out any more, tested as it is written; somebody else may have been first. */
    gone: (box: Box): Promise<InstanceRow | null> =>
      one(
        `UPDATE control_plane.instances SET state = 'gone', gone_at = coalesce(gone_at, now())
         WHERE org_id = $1 AND box_id = $2 AND state IN ('terminating', 'gone')
           AND NOT (open_attempts > 0 AND attempts_until > now()) RETURNING ${columns}`,
        [box.org_id, box.box_id],
      ),

    ofBox: (orgId: string, boxId: string): Promise<InstanceRow | null> =>
      one(`SELECT ${columns} FROM control_plane.instances WHERE org_id = $1 AND box_id = $2`, [orgId, boxId]),

    ofInstance: (
      orgId: string,
      workspaceId: string,
      instanceId: string,
      provider: string | undefined,
    ): Promise<InstanceRow | null> =>
      one(
        `SELECT ${columns} FROM control_plane.instances
         WHERE org_id = $1 AND workspace_id = $2 AND instance_id = $3 AND ($4::text IS NULL OR provider = $4)
         ORDER BY created_at DESC LIMIT 1`,
        [orgId, workspaceId, instanceId, provider ?? null],
      ),

    /** The newest box of a workspace. */
    ofWorkspace: (orgId: string, workspaceId: string): Promise<InstanceRow | null> =>
      one(
        `SELECT ${columns} FROM control_plane.instances
         WHERE org_id = $1 AND workspace_id = $2 AND instance_id IS NOT NULL ORDER BY created_at DESC LIMIT 1`,
        [orgId, workspaceId],
      ),

    /** Whether the workspace has another box that is not to end. */
    async hasOther(row: Box & Pick<InstanceRow, 'workspace_id'>): Promise<boolean> {
      const others = await rows(
        `SELECT 1 FROM control_plane.instances
         WHERE org_id = $1 AND workspace_id = $2 AND box_id <> $3 AND state IN ('creating', 'running') LIMIT 1`,
        [row.org_id, row.workspace_id, row.box_id],
      );
      return others.length > 0;
    },

    /** Boxes that are not gone; of one installation only, if it is named. */
    ofOwner: (orgId: string, owner: string | undefined): Promise<InstanceRow[]> =>
      rows<InstanceRow>(
        `SELECT ${columns} FROM control_plane.instances
         WHERE org_id = $1 AND state <> 'gone' AND ($2::text IS NULL OR owner = $2) ORDER BY created_at`,
        [orgId, owner ?? null],
      ),

    async knownBoxes(provider: string, boxIds: readonly string[]): Promise<string[]> {
      const known = await rows<{ box_id: string }>(
        `SELECT box_id FROM control_plane.instances WHERE provider = $1 AND box_id::text = ANY($2)`,
        [provider, boxIds],
      );
      return known.map(({ box_id: boxId }) => boxId);
    },

    /** Takes boxes that were over up again, for there is a machine of them; returns their ids. */
    async reopenGone(provider: string, boxIds: readonly string[]): Promise<string[]> {
      const reopened = await rows<{ box_id: string }>(
        `UPDATE control_plane.instances SET state = 'terminating', next_settle_at = now()
         WHERE provider = $1 AND box_id::text = ANY($2) AND state = 'gone' RETURNING box_id`,
        [provider, boxIds],
      );
      return reopened.map(({ box_id: boxId }) => boxId);
    },

    /** Takes up to `most` boxes whose create or end is unfinished; nobody else takes them before `againMs` are over. */
    claimUnsettled: (most: number, againMs: number): Promise<InstanceRow[]> =>
      rows<InstanceRow>(
        `UPDATE control_plane.instances SET next_settle_at = now() + $2 * interval '1 millisecond'
         WHERE (org_id, box_id) IN (
           SELECT org_id, box_id FROM control_plane.instances
           WHERE state = 'terminating' AND next_settle_at <= now()
             OR state = 'creating' AND next_settle_at <= now() AND NOT (open_attempts > 0 AND attempts_until > now())
           ORDER BY next_settle_at LIMIT $1 FOR UPDATE SKIP LOCKED)
         RETURNING ${columns}`,
        [most, againMs],
      ),
  };
}
export type InstanceRows = ReturnType<typeof instanceRows>;
