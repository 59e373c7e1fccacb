import { createHash, randomBytes } from 'node:crypto';
import { createCipher } from '@holdfast/activities/secret/cipher';
import type { Endings } from './endings.ts';
import { type Client, each } from './load.ts';
import type { Stage } from './stage.ts';

/** How many of a tree's members are made at a time. */
const PLANTERS = 20;

export interface CreatedWorkspace {
  readonly id: string;
  readonly operation_id: string;
}

/** Asks for a workspace that the platform runs, below another one if that is named. */
export async function createWorkspace(client: Client, name: string, parentId?: string): Promise<CreatedWorkspace> {
  const body = JSON.stringify({ name, runtime: 'reference', tier: 2, parent_id: parentId });
  const answer = await client.expect(201, { method: 'POST', path: '/workspaces', body });
  return JSON.parse(answer.body.toString()) as CreatedWorkspace;
}

export interface OnlineWorkspace {
  readonly id: string;
  readonly token: string;
}

/** Workspaces that are online without a box, each with its agent's token: straight into the tables, as a register leaves them. */
export async function insertOnline(stage: Stage, count: number): Promise<OnlineWorkspace[]> {
  const tokens = Array.from({ length: count }, () => randomBytes(32).toString('base64url'));
  const rows = await stage.store.query<{ id: string }>(
    `INSERT INTO workspaces (id, org_id, name, status, runtime, delivery_mode, url, agent_card, liveness_expires_at)
     SELECT gen_random_uuid(), 'default', 'workspace ' || n, 'online', 'external', 'push', 'http://127.0.0.1:9',
            '{"name": "an agent", "version": "1.0.0", "skills": []}', now() + interval '1 hour'
     FROM generate_series(1, $1) n RETURNING id`,
    [count],
  );
  const ids = rows.map(({ id }) => id);
  const cipher = createCipher(stage.encryptionKey);
  await stage.store.query(
    `UPDATE workspaces w SET platform_inbound_secret = s.sealed
     FROM unnest($1::uuid[], $2::bytea[]) AS s(id, sealed) WHERE w.id = s.id`,
    [ids, tokens.map((token) => Buffer.from(cipher.seal(token)))],
  );
  await stage.store.query('INSERT INTO canvas_layouts (workspace_id) SELECT unnest($1::uuid[])', [ids]);
  await stage.store.query(
    `INSERT INTO workspace_auth_tokens (workspace_id, token_hash, prefix, purpose)
     SELECT id, hash, prefix, 'agent' FROM unnest($1::uuid[], $2::bytea[], $3::text[]) AS t(id, hash, prefix)`,
    [ids, tokens.map((token) => createHash('sha256').update(token).digest()), tokens.map((token) => token.slice(0, 8))],
  );
  await stage.store.query('VACUUM ANALYZE workspaces, workspace_auth_tokens, canvas_layouts');
  return ids.map((id, place) => ({ id, token: tokens[place] ?? '' }));
}

/** What an agent says every 30 s. */
export const beatBody = (workspaceId: string): string =>
  JSON.stringify({
    workspace_id: workspaceId,
    error_rate: 0,
    sample_error: '',
    active_tasks: 0,
    uptime_seconds: 60,
    current_task: '',
  });

/** A tree of three levels whose members are all online; answers with the id of its root. */
export async function plantTree(
  client: Client,
  endings: Endings,
  { branches, leaves }: { readonly branches: number; readonly leaves: number },
): Promise<string> {
  const plant = async (count: number, parentOf: (turn: number) => string | undefined): Promise<string[]> => {
    const ids: string[] = [];
    await each(PLANTERS, count, async (turn) => {
      const { id, operation_id: operation } = await createWorkspace(client, 'a member', parentOf(turn));
      ids[turn] = id;
      await endings.succeeded(operation);
    });
    return ids;
  };
  const [root = ''] = await plant(1, () => undefined);
  const middle = await plant(branches, () => root);
  await plant(branches * leaves, (turn) => middle[turn % branches]);
  return root;
}
