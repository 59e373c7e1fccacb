import { expect, test } from 'vitest';
import { operationId, scoutId } from '../../test/support/answers.ts';
import { routedGateway } from '../../test/support/routed.ts';
import { json } from '../../test/support/scripted-gateway.ts';
import { aWorld } from '../../test/support/world.ts';
import { run } from '../run.ts';

const aBox = (other: object = {}) => ({
  id: '33333333-3333-4333-8333-333333333333',
  workspace_id: scoutId,
  workspace_name: 'scout',
  state: 'running',
  backend: 'docker',
  host: 'a-host',
  provider: null,
  external_id: null,
  owner: 'an-owner',
  current: true,
  owed_reason: null,
  attempts: 0,
  next_attempt_at: null,
  created_at: new Date().toISOString(),
  started_at: null,
  registered_at: null,
  stopping_at: null,
  gone_at: null,
  operations: [],
  ...other,
});

async function listed(boxes: object[], words = '') {
  await using gateway = await routedGateway({ 'GET /boxes': json(200, boxes) });
  const { world, out } = aWorld({ gateway: gateway.url });
  expect(await run(`boxes list ${words}`.trim().split(' '), world)).toBe(0);
  return { out: out(), target: gateway.heard[0]?.target };
}

test('says why a box is owed, how often it was tried, and which operations touched it', async () => {
  const touched = { id: operationId, state: 'failed', accepted_at: new Date(Date.now() - 9_000_000).toISOString() };
  const { out } = await listed([
    aBox({
      state: 'owed',
      owed_reason: 'the engine does not answer',
      attempts: 3,
      operations: [
        { ...touched, kind: 'provision', made_it: true },
        { ...touched, kind: 'delete', made_it: false },
      ],
    }),
  ]);
  expect(out).toContain('owed 33333333-3333-4333-8333-333333333333: the engine does not answer\n  3 tries so far\n');
  expect(out).toContain(
    `  made by provision ${operationId}, failed, 2h ago\n  touched by delete ${operationId}, failed, 2h ago\n`,
  );
});

test('shows the owner of a box by id once its workspace is purged', async () => {
  expect((await listed([aBox({ workspace_name: null })])).out).toContain(scoutId);
});

test('says so when there are none, and asks for those of one workspace', async () => {
  expect(await listed([], `${scoutId} --state owed`)).toEqual({
    out: 'No boxes are owed.\n',
    target: `/boxes?workspace_id=${scoutId}&state=owed`,
  });
});
