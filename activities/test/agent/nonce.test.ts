import { lookupWorkspaceToken } from '@holdfast/activities/token/token-lookup';
import { type TestDatabase, testDatabase } from '@holdfast/infra/testing/index';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { givenBootingBox, givenBox, mine, registrar } from './given-agent.ts';

let db: TestDatabase;

beforeAll(async () => {
  db = await testDatabase();
});
afterAll(() => db.dispose());
beforeEach(() => {
  lookups.length = 0;
});

const { lookups, register } = registrar(() => db.database);
const row = (id: string) => db.database.workspace.findUniqueOrThrow({ where: { id } });
const box = (id: string) => db.database.box.findUniqueOrThrow({ where: { id } });

describe('the bootstrap nonce', () => {
  test('admits the current box and hands over the token minted with it, again if the answer was lost', async () => {
    const given = await givenBootingBox(db.database);
    const shown = { bearer: 'none', nonce: given.nonce } as const;
    const { answer, poke } = await register(given.workspaceId, { shown });
    expect(answer.auth_token).toBe(given.token);
    expect(poke).toBe(true);
    expect(await box(given.boxId)).toMatchObject({ registeredAt: expect.any(Date) });
    const again = await register(given.workspaceId, { shown });
    expect(again.answer).toEqual(answer);
    expect(await db.database.workspaceAuthToken.count({ where: { workspaceId: given.workspaceId } })).toBe(1);
  });

  test('ends when the agent has shown its token, and with it every copy of both', async () => {
    const given = await givenBootingBox(db.database);
    const shown = { bearer: 'none', nonce: given.nonce } as const;
    await register(given.workspaceId, { shown });
    expect(await lookupWorkspaceToken(db.database, given.token)).toMatchObject({ boxId: given.boxId });
    expect(await box(given.boxId)).toMatchObject({ sealedCredentials: null, nonceHash: null });
    await expect(register(given.workspaceId, { shown })).rejects.toMatchObject({
      code: 'UNAUTHORIZED',
      message: 'invalid workspace auth token',
    });
  });

  test('outlives a token that is shown before any register: nothing has come up by it yet', async () => {
    const given = await givenBootingBox(db.database);
    await lookupWorkspaceToken(db.database, given.token);
    expect(await box(given.boxId)).toMatchObject({ nonceHash: expect.anything() });
  });

  test('gives two that use it at the same time the same token', async () => {
    const given = await givenBootingBox(db.database);
    const shown = { bearer: 'none', nonce: given.nonce } as const;
    const answers = await Promise.all([1, 2].map(() => register(given.workspaceId, { shown })));
    expect(answers.map(({ answer }) => answer.auth_token)).toEqual([given.token, given.token]);
    expect(await db.database.workspaceAuthToken.count({ where: { workspaceId: given.workspaceId } })).toBe(1);
  });

  test('incident 6: brings the token of a box in a cloud, of which none is live before', async () => {
    const given = await givenBootingBox(db.database);
    await db.database.workspaceAuthToken.deleteMany({ where: { workspaceId: given.workspaceId } });
    const { answer } = await register(given.workspaceId, { shown: { bearer: 'none', nonce: given.nonce } });
    expect(await lookupWorkspaceToken(db.database, answer.auth_token ?? '')).toMatchObject({ boxId: given.boxId });
    expect(answer.platform_inbound_secret).toEqual(expect.any(String));
  });

  test('of a box that was replaced is refused', async () => {
    const old = await givenBootingBox(db.database);
    await givenBox(db.database, old.workspaceId);
    await expect(register(old.workspaceId, { shown: { bearer: 'none', nonce: old.nonce } })).rejects.toMatchObject({
      code: 'UNAUTHORIZED',
    });
  });

  test('of another workspace is refused', async () => {
    const [a, b] = [await givenBootingBox(db.database), await givenBootingBox(db.database)];
    await expect(register(a.workspaceId, { shown: { bearer: 'foreign', nonce: b.nonce } })).rejects.toMatchObject({
      code: 'UNAUTHORIZED',
    });
  });
});

describe('the address of a box in a cloud', () => {
  const cloudBox = async (url: string | null) => {
    const given = await givenBootingBox(db.database, { url: 'http://10.0.0.9:8000' });
    await db.database.box.update({ where: { id: given.boxId }, data: { backend: 'control-plane', url } });
    return given;
  };

  test('is what its control plane said', async () => {
    const given = await cloudBox('http://10.0.0.9:8000');
    await register(given.workspaceId, { shown: mine(given), url: 'http://agent.example.net:8000' });
    expect(await row(given.workspaceId)).toMatchObject({ url: 'http://10.0.0.9:8000', status: 'online' });
    expect(lookups).toEqual([]);
  });

  test('is not what its agent says before the control plane has said anything', async () => {
    const given = await cloudBox(null);
    await register(given.workspaceId, { shown: mine(given), url: 'http://agent.example.net:8000' });
    expect(await row(given.workspaceId)).toMatchObject({ url: 'http://10.0.0.9:8000', status: 'online' });
    expect(lookups).toEqual([]);
  });

  test('is what its agent says where the control plane does not, if it passes the table of addresses', async () => {
    const given = await cloudBox('');
    await register(given.workspaceId, { shown: mine(given), url: 'http://agent.example.net:8000' });
    expect(await row(given.workspaceId)).toMatchObject({ url: 'http://agent.example.net:8000', status: 'online' });
    const other = await cloudBox('');
    await register(other.workspaceId, { shown: mine(other), url: 'http://169.254.169.254/latest' });
    expect(await row(other.workspaceId)).toMatchObject({ url: 'http://10.0.0.9:8000', status: 'online' });
  });
});
