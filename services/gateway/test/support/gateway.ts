import { randomBytes, randomUUID } from 'node:crypto';
import type { Poker } from '@holdfast/activities/operation/poker';
import { Refusal } from '@holdfast/activities/failure/refusal';
import { createCipher } from '@holdfast/activities/secret/cipher';
import { newToken, tokenHash, tokenPrefix } from '@holdfast/activities/token/tokens';
import { testDatabase } from '@holdfast/infra/testing/index';
import type { Database } from '@holdfast/prisma';
import { createGateway } from '../../src/app.ts';
import { readConfig } from '../../src/config.ts';
import type { LoopRuns } from '../../src/core/loop-runs.ts';
import { createLogger } from '../../src/core/logger.ts';
import type { GatewaySettings } from '../../src/core/parts.ts';

export const adminToken = 'admin-token-of-the-tests';

export interface TestGatewayOptions {
  env?: Record<string, string>;
  settings?: Partial<GatewaySettings>;
  /** Another database than a fresh one; empty URL: none that can be reached. */
  database?: { url: string; database: Database };
  temporal?: (withinMs: number) => Promise<void>;
  poker?: Poker;
  loops?: LoopRuns;
}

/** A gateway in this process on a database of its own; requests go in through `inject` or, after `listen`, sockets. */
export async function testGateway(options: TestGatewayOptions = {}) {
  const db = options.database ?? (await testDatabase());
  const poked: string[] = [];
  const lines: string[] = [];
  const config = readConfig({
    DATABASE_URL: db.url,
    SECRETS_ENCRYPTION_KEY: randomBytes(32).toString('base64'),
    ADMIN_TOKEN: adminToken,
    LOG_LEVEL: 'debug',
    RATE_LIMIT: '100000',
    ...options.env,
  });
  const gateway = await createGateway(config, {
    database: db.database,
    cipher: createCipher(config.SECRETS_ENCRYPTION_KEY),
    logger: createLogger('debug', { write: (line: string) => void lines.push(line) }),
    poker: options.poker ?? {
      poke: async (workspaceId) => void poked.push(workspaceId),
      pokeTree: async (rootId) => void poked.push(`tree ${rootId}`),
    },
    loops: options.loops ?? { run: () => Promise.reject(new Refusal('NO_BACKEND', 'no worker in this test')) },
    pingTemporal: options.temporal ?? (() => Promise.resolve()),
    settings: { answerWaitMs: 2_000, ...options.settings },
  });
  const { app } = gateway;
  const server = app.getHttpAdapter().getInstance();
  return {
    ...gateway,
    db: db.database,
    url: db.url,
    server,
    poked,
    lines,
    /** Calls a route as the admin; pass `token` to call as somebody else, null as nobody. */
    async call(method: string, url: string, { token = adminToken, body, headers = {} }: CallOptions = {}) {
      const answer = await server.inject({
        method: method as 'GET',
        url,
        headers: { ...(token === null ? {} : { authorization: `Bearer ${token}` }), ...headers },
        ...(body === undefined ? {} : { payload: typeof body === 'string' ? body : JSON.stringify(body) }),
      });
      return Object.assign(answer, { parsed: () => answer.json<Record<string, never>>() });
    },
    async close() {
      await app.close();
      if ('dispose' in db && typeof db.dispose === 'function') await (db.dispose as () => Promise<void>)();
    },
  };
}

export type TestGateway = Awaited<ReturnType<typeof testGateway>>;

interface CallOptions {
  token?: string | null;
  body?: unknown;
  headers?: Record<string, string>;
}

/** A workspace's row, as some earlier request left it. */
export async function addWorkspace(
  db: Database,
  columns: Partial<Parameters<Database['workspace']['create']>[0]['data']> = {},
): Promise<string> {
  const id = columns.id ?? randomUUID();
  await db.workspace.create({
    data: { id, orgId: 'default', name: 'a workspace', runtime: 'langgraph', status: 'online', ...columns } as never,
  });
  return id;
}

export async function addWorkspaceToken(
  db: Database,
  workspaceId: string,
  purpose: 'agent' | 'user' = 'user',
): Promise<string> {
  const plain = newToken();
  await db.workspaceAuthToken.create({
    data: { workspaceId, tokenHash: tokenHash(plain), prefix: tokenPrefix(plain), purpose },
  });
  return plain;
}

export async function addOrgToken(
  db: Database,
  orgId: string | null = null,
  expiresAt: Date | null = null,
): Promise<string> {
  const plain = newToken();
  await db.orgApiToken.create({ data: { tokenHash: tokenHash(plain), prefix: tokenPrefix(plain), orgId, expiresAt } });
  return plain;
}
