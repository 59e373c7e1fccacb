import { expect, test } from 'vitest';
import { anOperation, aWorkspace, kidId, operationId, scoutId } from '../../test/support/answers.ts';
import { said } from '../../test/support/said.ts';
import { json, type Reaction } from '../../test/support/scripted-gateway.ts';
import { Failure } from '../failure/failure.ts';
import type { WorldOptions } from '../../test/support/world.ts';

const grandId = kidId.replace(/^4/, '5');
const otherId = kidId.replace(/^4/, '6');
const fleet = [
  aWorkspace(),
  aWorkspace({ id: otherId, name: 'other', parent_id: kidId.replace(/^4/, '9'), status: 'paused' }),
  aWorkspace({ id: kidId, name: 'kid', parent_id: scoutId, status: 'provisioning' }),
  aWorkspace({ id: grandId, name: 'grand', parent_id: kidId }),
];
const open = [
  anOperation({
    seq: 9,
    id: operationId.replace(/^2/, '3'),
    workspace_id: kidId,
    kind: 'pause',
    state: 'accepted',
    began_at: null,
  }),
  anOperation({
    workspace_id: kidId,
    kind: 'restart',
    state: 'running',
    phase: 'start',
    began_at: new Date(Date.now() - 7_230_000).toISOString(),
  }),
];
const shown = (words: string, options?: WorldOptions) =>
  said(
    `workspace tree ${words}`.trim(),
    { 'GET /workspaces': json(200, fleet), 'GET /operations': json(200, open) },
    options,
  );

test('draws who is below whom on a terminal, with what is done to each and for how long', async () => {
  const { code, out, heard } = await shown('', { columns: 120 });
  expect(code).toBe(0);
  expect(heard.map(({ target }) => target)).toContain('/operations?state=open&limit=500');
  const lines = out.trimEnd().split('\n');
  expect(lines.map((line) => line.split(/ {2,}/).slice(0, 3).join(' | '))).toEqual([
    'WORKSPACE | STATUS | OPERATION',
    `scout | online | reference`,
    `└─ kid | provisioning | restart: start 2h 00m, 1 more waiting`,
    ` | └─ grand | online`,
    `other | paused | reference`,
  ]);
});

test('only indents for a pipe', async () => {
  const { out } = await shown('');
  expect(out.split('\n').map((line) => line.split(/(?<=\S) {2,}/)[0])).toEqual([
    'WORKSPACE',
    'scout',
    '  kid',
    '    grand',
    'other',
    '',
  ]);
});

test('shows one workspace with what is below it, and says which there is not', async () => {
  expect(await shown('kid -q')).toMatchObject({ code: 0, out: `${kidId}\n${grandId}\n` });
  expect((await shown('nobody')).code).toBe(3);
  expect((await shown(scoutId.replace(/^1/, '8'))).code).toBe(3);
});

test('gives programs the tree as it is', async () => {
  const { out } = await shown('scout --json');
  expect(JSON.parse(out)).toEqual([
    {
      id: scoutId,
      name: 'scout',
      status: 'online',
      runtime: 'reference',
      operations: [],
      children: [
        expect.objectContaining({
          id: kidId,
          operations: [open[1], open[0]],
          children: [expect.objectContaining({ id: grandId, children: [] })],
        }),
      ],
    },
  ]);
});

test('draws the tree again in its place with --watch, until it is stopped', async () => {
  const stopping = new AbortController();
  const stop: Reaction = () => stopping.abort(new Failure('interrupted', 'Stopped.'));
  const routes = {
    'GET /workspaces': [json(200, fleet), json(200, fleet.slice(0, 1)), stop],
    'GET /operations': json(200, []),
  };
  const { code, out } = await said('workspace tree --watch', routes, { columns: 100, signal: stopping.signal });
  const [first, second] = out.split('\u001B[5A\r\u001B[J');
  expect({ code, lines: [first, second].map((screen) => screen?.split('\n').length) }).toEqual({
    code: 130,
    lines: [6, 3],
  });
});

test('watches for people at a terminal only', async () => {
  expect((await shown('--watch')).code).toBe(2);
  expect((await shown('--watch --json', { columns: 100 })).code).toBe(2);
});
