import { describe, expect, test } from 'vitest';
import { aPlan, aProblem, scoutId } from '../../test/support/answers.ts';
import { said } from '../../test/support/said.ts';
import { json } from '../../test/support/scripted-gateway.ts';

interface Told {
  readonly words: string;
  readonly route: string;
  /** What the request itself is answered with. */
  readonly answer: object;
  readonly typed?: string;
}

const saved = { status: 'saved', key: 'A_KEY' };
const deleted = { status: 'deleted', key: 'A_KEY' };
const tokenId = '55555555-5555-4555-8555-555555555555';
const secrets = `/workspaces/${scoutId}/secrets`;

/** What is no verb of a workspace, and changes something. */
const commands: Readonly<Record<string, Told>> = {
  'workspace create': {
    words: 'workspace create kid',
    route: 'POST /workspaces',
    answer: { id: scoutId, status: 'provisioning' },
  },
  'workspace update': {
    words: `workspace update ${scoutId} --name after`,
    route: `PATCH /workspaces/${scoutId}`,
    answer: { status: 'updated' },
  },
  'workspace budget set': {
    words: `workspace budget set ${scoutId} 20`,
    route: `PATCH /workspaces/${scoutId}/budget`,
    answer: { budget_limit: 2_000, monthly_spend: 0, budget_remaining: 2_000 },
  },
  'secret set': { words: `secret set A_KEY -w ${scoutId}`, route: `PUT ${secrets}`, answer: saved, typed: 'a value' },
  'secret set --global': {
    words: 'secret set A_KEY --global',
    route: 'PUT /settings/secrets',
    answer: { ...saved, scope: 'global' },
    typed: 'a value',
  },
  'secret delete': { words: `secret delete A_KEY -w ${scoutId}`, route: `DELETE ${secrets}/A_KEY`, answer: deleted },
  'secret delete --global': {
    words: 'secret delete A_KEY --global',
    route: 'DELETE /settings/secrets/A_KEY',
    answer: { ...deleted, scope: 'global' },
  },
  'model set': {
    words: `model set ${scoutId} vendor/model`,
    route: `PUT /workspaces/${scoutId}/model`,
    answer: { status: 'saved', model: 'vendor/model' },
  },
  'model set --clear': {
    words: `model set ${scoutId} --clear`,
    route: `PUT /workspaces/${scoutId}/model`,
    answer: { status: 'cleared' },
  },
  'token create': {
    words: `token create ${scoutId}`,
    route: `POST /workspaces/${scoutId}/tokens`,
    answer: { auth_token: 'a token', workspace_id: scoutId, message: 'keep it' },
  },
  'token revoke': {
    words: `token revoke ${scoutId} ${tokenId}`,
    route: `DELETE /workspaces/${scoutId}/tokens/${tokenId}`,
    answer: { status: 'revoked' },
  },
  'org-token create': {
    words: 'org-token create --name ci',
    route: 'POST /org/tokens',
    answer: { id: tokenId, prefix: 'a', auth_token: 'a token', warning: 'keep it' },
  },
  'org-token revoke': {
    words: `org-token revoke ${tokenId}`,
    route: `DELETE /org/tokens/${tokenId}`,
    answer: { revoked: tokenId },
  },
  'images refresh': {
    words: 'images refresh',
    route: 'POST /admin/workspace-images/refresh',
    answer: { pulled: [], failed: [], recreated: [] },
  },
};

describe.each(Object.entries(commands))('%s --dry-run', (_name, { words, route, answer, typed }) => {
  const asked = (more: string, reaction: object, status = 200) =>
    said(
      `${words} --dry-run${more}`,
      { [route]: json(status, reaction) },
      { columns: 100, ...(typed ? { answers: [typed] } : {}) },
    );
  const plan = { ...aPlan('set-something'), change: { key: 'A_KEY', hosts: ['a', 'b'], role: null, collapsed: false } };

  test('only shows the plan', async () => {
    const { code, out, heard } = await asked('', plan);
    expect({ code, asked: heard.map(({ method, target }) => `${method} ${target}`) }).toEqual({
      code: 0,
      asked: [`${route}?dry_run=true`],
    });
    expect(out).toContain('Nothing was done: set-something of 2 workspaces would answer "paused".');
    expect(out).toMatch(/kid +paused +queue +pause/);
    expect(out).toContain('key        A_KEY\nhosts      a, b\nrole       none\ncollapsed  false\n');
  });

  test('gives programs the plan', async () => {
    const { code, out, err } = await asked(' --json', plan);
    expect({ code, err, document: JSON.parse(out) as unknown }).toEqual({ code: 0, err: '', document: plan });
  });

  test('says so when it was carried out all the same', async () => {
    const { code, out, err } = await asked(' --json', answer);
    expect({ code, out, body: JSON.parse(err) as unknown }).toMatchObject({
      code: 1,
      out: '',
      body: { code: 'CLI_NO_DRY_RUN' },
    });
  });

  test('says what the request itself would be refused with', async () => {
    const { code, out, err } = await asked('', aProblem(409, 'PARENT_PAUSED', 'a parent is paused'), 409);
    expect({ code, out }).toEqual({ code: 4, out: '' });
    expect(err).toContain('a parent is paused (PARENT_PAUSED)');
  });
});

test('a plan that is about no workspace tells of what it would write alone', async () => {
  const plan = { dry_run: true, verb: 'set-secret', status: 'saved', targets: [], change: { key: 'A_KEY' } };
  const routes = { 'PUT /settings/secrets': json(200, plan) };
  expect(await said('secret set A_KEY --global --dry-run', routes, { input: 'x' })).toMatchObject({
    code: 0,
    out: 'dry run  Nothing was done: set-secret would answer "saved", and no workspace is touched.\n\nkey  A_KEY\n',
  });
});

test('a plan shows no control characters of what it is told', async () => {
  const plan = { dry_run: true, verb: 'update', status: 'updated', targets: [], change: { name: '\u001B[2Jup' } };
  const routes = { [`PATCH /workspaces/${scoutId}`]: json(200, plan) };
  const { out } = await said(`workspace update ${scoutId} --name up --dry-run`, routes);
  expect(out).toContain('name  \uFFFD[2Jup');
});
