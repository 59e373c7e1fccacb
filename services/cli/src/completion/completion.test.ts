import { expect, test } from 'vitest';
import { anOperation, aWorkspace, operationId, scoutId } from '../../test/support/answers.ts';
import { routedGateway } from '../../test/support/routed.ts';
import { json } from '../../test/support/scripted-gateway.ts';
import { aWorld } from '../../test/support/world.ts';
import { run } from '../run.ts';

async function completed(gateway: string, ...words: string[]): Promise<string[]> {
  const { world, out } = aWorld({ gateway });
  expect(await run(['__complete', '--', ...words], world)).toBe(0);
  return out()
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.split('\t')[0] ?? '');
}
const gatewayWith = () =>
  routedGateway({
    'GET /workspaces': json(200, [aWorkspace(), aWorkspace({ id: scoutId.replace(/^1/, '9'), name: 'not; a word' })]),
    'GET /operations': json(200, [anOperation()]),
  });

test('completes commands, options and choices from the program itself', async () => {
  await using gateway = await gatewayWith();
  expect(await completed(gateway.url, 'work')).toEqual(['workspace']);
  expect(await completed(gateway.url, 'workspace', '')).toEqual(
    'create list get tree history wait update restart pause resume hibernate wake switch collapse delete budget console'.split(
      ' ',
    ),
  );
  expect(await completed(gateway.url, 'workspace', 'budget', '')).toEqual(['get', 'set']);
  expect(await completed(gateway.url, 'operation', 'list', '--failed')).toEqual(['--failed-today']);
  expect(await completed(gateway.url, 'ws', 'delete', '--p')).toEqual(['--purge']);
  expect(await completed(gateway.url, 'boxes', 'list', '--state', 'o')).toEqual(['owed']);
  expect(await completed(gateway.url, 'completion', '')).toEqual(['bash', 'zsh', 'fish']);
  expect(await completed(gateway.url, 'boxes', 'list', '--js')).toEqual(['--json']);
});

test('does not offer what is for shells only', async () => {
  await using gateway = await gatewayWith();
  expect(await completed(gateway.url, '')).not.toContain('__complete');
});

test('completes names and ids where they belong, and ids where a name is no word', async () => {
  await using gateway = await gatewayWith();
  const both = ['scout', scoutId.replace(/^1/, '9')];
  expect(await completed(gateway.url, 'workspace', 'get', '')).toEqual(both);
  expect(await completed(gateway.url, 'secret', 'set', 'KEY', '-w', '')).toEqual(both);
  expect(await completed(gateway.url, 'workspace', 'create', 'kid', '--tier', '2', '--parent', 's')).toEqual(['scout']);
  expect(await completed(gateway.url, 'workspace', 'restart', '--reset', 's')).toEqual(['scout']);
  for (const verb of ['watch', 'cancel', 'retry'])
    expect(await completed(gateway.url, 'operation', verb, '')).toEqual([operationId]);
  expect(await completed(gateway.url, 'operation', 'list', '--parent', '')).toEqual([operationId]);
  expect(await completed(gateway.url, 'workspace', 'get', 'scout', '')).toEqual([]);
});

test('keeps silent when the gateway is away', async () => {
  const gateway = await gatewayWith();
  await gateway[Symbol.asyncDispose]();
  expect(await completed(gateway.url, 'workspace', 'get', '')).toEqual([]);
});

test.each(['bash', 'zsh', 'fish'])('prints a script for %s that asks the program', async (shell) => {
  const { world, out } = aWorld();
  expect(await run(['completion', shell], world)).toBe(0);
  expect(out()).toContain('holdfast __complete -- ');
});
