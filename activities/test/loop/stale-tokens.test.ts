import type { Prisma } from '@holdfast/prisma';
import { beforeEach, expect, test } from 'vitest';
import { findStaleTokens } from '../../src/box/sweep/tokens.ts';
import { newToken, storeToken, tokenHash } from '../../src/token/tokens.ts';
import { type Fleet, fleetAt, type LiarPlace, liarPlace, type Standing } from './fleet.ts';
import { ago, MINUTE, useLoopKit } from './loop-kit.ts';
import { sweepKit } from './sweep-kit.ts';

const kit = useLoopKit();
const { sweep, forget } = sweepKit(kit);
let place: LiarPlace;
let fleet: Fleet;
beforeEach(() => {
  place = liarPlace();
  fleet = fleetAt(kit.db, place);
});

/** A workspace whose box is not there and was recorded as gone, with an agent's token of that box. */
async function wiped(
  workspace: Partial<Prisma.WorkspaceUncheckedCreateInput> = {},
  token: Partial<Prisma.WorkspaceAuthTokenUncheckedCreateInput> = {},
): Promise<Standing & { plain: string }> {
  const up = await fleet.up({ status: 'paused', boxId: null, boxOperationId: null, ...workspace });
  await fleet.backend.stop(up);
  await forget(up);
  return { ...up, plain: await given(up, token) };
}
async function given(
  { workspaceId, boxId }: Standing,
  token: Partial<Prisma.WorkspaceAuthTokenUncheckedCreateInput> = {},
): Promise<string> {
  const plain = newToken();
  await kit.db.$transaction((tx) => storeToken(tx, { workspaceId, plain, purpose: 'agent', boxId }));
  await kit.db.workspaceAuthToken.update({
    where: { tokenHash: tokenHash(plain) },
    data: { createdAt: ago(6 * MINUTE), ...token },
  });
  return plain;
}
const isLive = async (plain: string) =>
  (await kit.db.workspaceAuthToken.findUniqueOrThrow({ where: { tokenHash: tokenHash(plain) } })).revokedAt === null;

test('incident 17: credentials of a box that is not there are revoked, so that its workspace can register anew', async () => {
  const { plain, workspaceId } = await wiped();
  expect(await sweep(fleet, { dryRun: true })).toMatchObject({
    findings: [{ kind: 'token', workspaceId, done: false }],
    done: 0,
  });
  expect(await isLive(plain)).toBe(true);
  expect(await sweep(fleet)).toMatchObject({
    findings: [{ kind: 'token', workspaceId, done: true }],
    done: 1,
    failed: [],
  });
  expect(await isLive(plain)).toBe(false);
});

test('that nothing at all is there is the very case: an empty list is no reason to skip', async () => {
  const { plain } = await wiped();
  expect(await fleet.backend.list()).toEqual([]);
  await sweep(fleet);
  expect(await isLive(plain)).toBe(false);
});

test('an engine that does not answer revokes nothing', async () => {
  const { plain } = await wiped();
  place.engine.lie('list', 'failed');
  await sweep(fleet);
  expect(await isLive(plain)).toBe(true);
});

test('a box that is there keeps its credentials, running or not', async () => {
  const [up, ended] = [await fleet.up(), await fleet.up({ status: 'paused' })];
  const tokens = [await given(up), await given(ended)];
  await place.kill(ended);
  await sweep(fleet);
  expect(await Promise.all(tokens.map(isLive))).toEqual([true, true]);
});

test.each([
  ['younger than five minutes', {}, { createdAt: ago(4 * MINUTE) }],
  ['used within five minutes', {}, { lastUsedAt: ago(4 * MINUTE) }],
  ['of a workspace that is coming up', { status: 'provisioning' }, {}],
  ['of a workspace that is removed', { status: 'removed' }, {}],
  ['of an external workspace (incident 41)', { runtime: 'external' }, {}],
  ['of a person or a script', {}, { purpose: 'user' }],
  ['of no box', {}, { boxId: null }],
] as const)('a token is kept that is %s', async (_, workspace, token) => {
  const { plain } = await wiped(workspace, token);
  expect((await sweep(fleet)).findings.filter(({ kind }) => kind === 'token')).toEqual([]);
  expect(await isLive(plain)).toBe(true);
});

test('the tokens of a workspace that somebody is changing are kept, and those of boxes on other hosts', async () => {
  const [owned, elsewhere] = [await wiped(), await wiped({ host: 'another' })];
  await kit.own(owned.workspaceId, 'resume');
  await kit.db.box.update({ where: { id: elsewhere.boxId }, data: { host: 'another' } });
  await sweep(fleet);
  expect(await Promise.all([owned, elsewhere].map(({ plain }) => isLive(plain)))).toEqual([true, true]);
});

test('a workspace with one token in use keeps the others', async () => {
  const up = await wiped();
  const used = await given(up, { lastUsedAt: ago(MINUTE) });
  await sweep(fleet);
  expect(await Promise.all([up.plain, used].map(isLive))).toEqual([true, true]);
});

test('a cloud’s list revokes nothing, however empty it is', async () => {
  const { plain, workspaceId, boxId } = await wiped({ backend: 'control-plane' });
  await kit.db.box.update({ where: { id: boxId }, data: { backend: 'control-plane' } });
  Object.assign(fleet.backend, { kind: 'control-plane' });
  const report = await sweep(fleet);
  expect(report.findings.filter((finding) => finding.workspaceId === workspaceId && finding.kind === 'token')).toEqual(
    [],
  );
  expect(await isLive(plain)).toBe(true);
});

/** What the pass finds now, to be mended later. */
const found = async () => {
  const listed = [{ backend: fleet.backend, boxes: await fleet.backend.list() }];
  const view = {
    context: fleet.context,
    poker: kit.context.poker,
    listed,
    askedAt: new Date(),
    believedUp: [],
    leftMs: () => 10_000,
  };
  const { suspects } = await findStaleTokens(view);
  expect(suspects).toHaveLength(1);
  return suspects[0]!;
};

test('incident 18: a token made between the look and the revocation survives', async () => {
  const up = await wiped();
  const suspect = await found();
  const minted = await given(up, { createdAt: new Date() });
  expect(await suspect.mend()).toBe(true);
  expect(await Promise.all([up.plain, minted].map(isLive))).toEqual([false, true]);
});

test('a token that is shown between the look and the revocation survives', async () => {
  const up = await wiped();
  const suspect = await found();
  await kit.db.workspaceAuthToken.updateMany({ data: { lastUsedAt: new Date() } });
  expect([await suspect.mend(), await isLive(up.plain)]).toEqual([false, true]);
});

test.each([
  ['starts coming up', (id: string) => kit.db.workspace.update({ where: { id }, data: { status: 'provisioning' } })],
  ['is taken over', (id: string) => kit.own(id, 'restart')],
])('a workspace that %s between the look and the revocation keeps its tokens', async (_, change) => {
  const up = await wiped();
  const suspect = await found();
  await change(up.workspaceId);
  expect([await suspect.mend(), await isLive(up.plain)]).toEqual([false, true]);
});
