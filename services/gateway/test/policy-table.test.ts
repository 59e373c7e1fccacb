import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Tier } from '../src/policy/policy.ts';
import { policyTable } from '../src/policy/policy-table.ts';
import {
  addOrgToken,
  addWorkspace,
  addWorkspaceToken,
  adminToken,
  type TestGateway,
  testGateway,
} from './support/gateway.ts';

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await testGateway({ env: { METRICS_TOKEN: 'metrics-token' }, settings: { answerWaitMs: 0 } });
});
afterAll(() => gateway.close());

/** An upgrade is no route of the router, and a family of a library's routes stands for many. */
const isPlain = (row: string) => row !== 'GET /ws' && !row.endsWith('/*');

test('has a route for every row', () => {
  const rows = Object.keys(policyTable).filter(isPlain);
  expect(rows.filter((row) => !gateway.routes.has(row))).toEqual([]);
});

/** Every kind of credential, from the least to the most; `admits` is judged by the answer not being 401. */
const admits: Record<Exclude<Tier, 'self'>, readonly string[]> = {
  none: ['nobody', 'garbage', 'revoked', 'removed', 'metrics', 'stranger', 'peer', 'own', 'org', 'admin'],
  metrics: ['metrics', 'org', 'admin'],
  admin: ['org', 'admin'],
  credential: ['stranger', 'peer', 'own', 'org', 'admin'],
  workspace: ['own', 'org', 'admin'],
  peer: ['peer', 'own', 'org', 'admin'],
  own: ['own'],
};

async function world() {
  const { db } = gateway;
  const id = await addWorkspace(db);
  const cousin = await addWorkspace(db, { parentId: await addWorkspace(db) });
  const removed = await addWorkspace(db, { status: 'removed' });
  const revoked = await addWorkspaceToken(db, id);
  await db.workspaceAuthToken.updateMany({ where: { workspaceId: id }, data: { revokedAt: new Date() } });
  const tokens: Record<string, string | null> = {
    nobody: null,
    garbage: 'x'.repeat(43),
    revoked,
    removed: await addWorkspaceToken(db, removed),
    metrics: 'metrics-token',
    // A child of another root: neither sibling nor ancestor.
    stranger: await addWorkspaceToken(db, cousin),
    peer: await addWorkspaceToken(db, await addWorkspace(db, { parentId: id })),
    own: await addWorkspaceToken(db, id),
    org: await addOrgToken(db),
    admin: adminToken,
  };
  return { id, tokens };
}

describe('admits exactly whom its row names:', () => {
  const rows = Object.entries(policyTable).filter(([row, { tier }]) => isPlain(row) && tier !== 'self');
  test.each(rows)('%s', async (row, policy) => {
    const { id, tokens } = await world();
    const [method = '', path = ''] = row.split(' ');
    const url = path.replaceAll(/:(id|workspaceId|tokenId)\b/g, id).replace(':key', 'SOME_KEY');
    const admitted: string[] = [];
    for (const [name, token] of Object.entries(tokens)) {
      const answer = await gateway.server.inject({
        method: method as 'GET',
        url,
        headers: token === null ? {} : { authorization: `Bearer ${token}` },
        // A stream that was opened never ends by itself.
        payloadAsStream: true,
      });
      answer.stream().destroy();
      if (answer.statusCode !== 401) admitted.push(name);
      expect([name, answer.statusCode]).not.toEqual([name, 500]);
    }
    expect(admitted).toEqual(admits[policy.tier as keyof typeof admits]);
  });
});
