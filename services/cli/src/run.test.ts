import type { Command } from 'commander';
import { expect, test } from 'vitest';
import { aProblem, aWorkspace, scoutId } from '../test/support/answers.ts';
import { routedGateway } from '../test/support/routed.ts';
import { json } from '../test/support/scripted-gateway.ts';
import { aWorld, type WorldOptions } from '../test/support/world.ts';
import { exits } from './exit/exit-codes.ts';
import { buildProgram } from './program.ts';
import { run } from './run.ts';

async function said(words: string, options: WorldOptions = {}) {
  const { world, out, err } = aWorld(options);
  const code = await run(words.split(' '), world);
  return { code, out: out(), err: err() };
}

test('prints the table of exit codes in its help', async () => {
  const { code, out } = await said('--help');
  expect(code).toBe(0);
  for (const { code: number, means } of Object.values(exits)) expect(out).toContain(`${number}  ${means}`);
});

/** Whatever does something, as one writes it; not what only the scripts of shells call. */
const commandsIn = ({ commands }: Command): string[] =>
  commands
    .filter((one) => !one.name().startsWith('__'))
    .flatMap((one) =>
      one.commands.length === 0 ? [one.name()] : commandsIn(one).map((name) => `${one.name()} ${name}`),
    );

test.each(commandsIn(buildProgram(aWorld().world, 'people', () => undefined)))(
  'has an example in the help of "%s"',
  async (words) => {
    const { out } = await said(`${words} --help`);
    expect(out).toMatch(new RegExp(`Examples?:\\n[^]*holdfast ${words}`));
  },
);

test('prints its version', async () => {
  expect(await said('--version')).toEqual({ code: 0, out: '0.0.0-test\n', err: '' });
});

test.each(['workspace', 'operation', 'boxes', 'secret', 'model', 'token', 'org-token'])(
  'shows what %s can do when it is not told',
  async (noun) => {
    const { code, out, err } = await said(noun);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toContain(`Usage: holdfast ${noun}`);
  },
);

test.each([
  ['nonsense', "unknown command 'nonsense'"],
  ['workspace list --nonsense', "unknown option '--nonsense'"],
  ['workspace get', "missing required argument 'workspace'"],
  ['workspace create x --tier 7', 'from 1 to 4'],
  ['workspace create x --compute [1]', 'It must be a JSON object.'],
  ['workspace list --status gone', 'Allowed are provisioning'],
  ['workspace list --json --quiet', 'cannot be used with'],
  ['secret list -g -w scout', 'cannot be used with'],
  ['operation list --kind x', 'Allowed choices are'],
  ['secret set KEY', 'Whose secrets?'],
  ['model set scout', 'Which model?'],
  ['workspace update scout', 'There is nothing to update.'],
])('refuses "%s" as a mistake of its caller', async (words, sentence) => {
  const { code, out, err } = await said(words);
  expect({ code, out }).toEqual({ code: 2, out: '' });
  expect(err).toContain(sentence);
});

test('says mistakes of its caller to programs as a body, too', async () => {
  const { code, out, err } = await said('workspace list --nonsense --json');
  expect({ code, out }).toEqual({ code: 2, out: '' });
  expect(JSON.parse(err)).toMatchObject({ error: expect.stringContaining('--nonsense'), code: 'CLI_USAGE' });
});

const missing = aProblem(404, 'WORKSPACE_NOT_FOUND', 'workspace not found');

test('says what is wrong and what to do, on standard error', async () => {
  await using gateway = await routedGateway({ [`GET /workspaces/${scoutId}`]: json(404, missing) });
  expect(await said(`workspace get ${scoutId}`, { gateway: gateway.url })).toEqual({
    code: 3,
    out: '',
    err: 'error: workspace not found (WORKSPACE_NOT_FOUND)\ntry: what to do about WORKSPACE_NOT_FOUND\n',
  });
});

test('gives programs the body of a refusal unchanged, and nothing on standard output', async () => {
  await using gateway = await routedGateway({ [`GET /workspaces/${scoutId}`]: json(404, missing) });
  const { code, out, err } = await said(`workspace get ${scoutId} --json`, { gateway: gateway.url });
  expect({ code, out, body: JSON.parse(err) as unknown }).toEqual({ code: 3, out: '', body: missing });
});

test('lists every mistake a gateway found in a body', async () => {
  const refused = aProblem(400, 'INVALID_REQUEST', 'invalid workspace fields', {
    issues: [{ path: '/name', says: 'too long' }],
    detail: 'more',
  });
  await using gateway = await routedGateway({ 'POST /workspaces': json(400, refused) });
  const { code, err } = await said('workspace create scout', { gateway: gateway.url });
  expect(code).toBe(2);
  expect(err).toContain('error: invalid workspace fields (INVALID_REQUEST)\n  /name: too long\n  more\ntry: ');
});

test('names the request when the gateway itself failed', async () => {
  await using gateway = await routedGateway({
    'GET /workspaces': json(500, aProblem(500, 'INTERNAL', 'internal error')),
  });
  const { code, err } = await said('workspace list', { gateway: gateway.url });
  expect(code).toBe(1);
  expect(err).toContain('request a-request');
});

test('lets no text of others command the terminal', async () => {
  const evil = aWorkspace({ name: 'a\u001B[2Jb', last_sample_error: 'x\u001B]0;title\u0007', status: 'failed' });
  await using gateway = await routedGateway({
    'GET /workspaces': json(200, [evil]),
    [`GET /workspaces/${scoutId}`]: json(200, evil),
    'POST /workspaces': json(409, aProblem(409, 'OPERATION_IN_PROGRESS', 'no\u001B[2J')),
  });
  for (const words of ['workspace list', `workspace get ${scoutId}`, 'workspace create x']) {
    const { out, err } = await said(words, { gateway: gateway.url, columns: 100 });
    expect(out + err).not.toContain('\u001B');
  }
});

test('prints one document to programs, and only ids with --quiet', async () => {
  await using gateway = await routedGateway({ 'GET /workspaces': json(200, [aWorkspace()]) });
  const told = await said('--json workspace list', { gateway: gateway.url, columns: 80 });
  expect(JSON.parse(told.out)).toEqual([aWorkspace()]);
  expect(told.err).toBe('');
  expect(await said('workspace list -q', { gateway: gateway.url })).toEqual({ code: 0, out: `${scoutId}\n`, err: '' });
});

test.each([
  ['scout', scoutId],
  [scoutId.toUpperCase(), scoutId],
  ['11111111', scoutId],
  ['1111…', scoutId],
])('finds the workspace that "%s" means', async (reference, id) => {
  await using gateway = await routedGateway({
    'GET /workspaces': json(200, [aWorkspace(), aWorkspace({ id: scoutId.replace(/^1/, '9'), name: 'other' })]),
    [`GET /workspaces/${scoutId}`]: json(200, aWorkspace()),
  });
  expect(await said(`workspace get ${reference} -q`, { gateway: gateway.url })).toEqual({
    code: 0,
    out: `${id}\n`,
    err: '',
  });
});

test('does not guess between two workspaces of one name', async () => {
  await using gateway = await routedGateway({
    'GET /workspaces': json(200, [aWorkspace(), aWorkspace({ id: scoutId.replace(/^1/, '9') })]),
  });
  const { code, err } = await said('workspace delete scout', { gateway: gateway.url });
  expect(code).toBe(2);
  expect(err).toContain('"scout" is 2 workspaces');
});

test('refuses an environment it cannot use, without showing it', async () => {
  const { code, err } = await said('workspace list', { variables: { HOLDFAST_URL: 'htp://secret' } });
  expect({ code, err }).toEqual({
    code: 2,
    err: 'error: The environment is not valid: HOLDFAST_URL must be an http or https URL.\n',
  });
});
