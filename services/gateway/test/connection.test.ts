import { spawn, spawnSync } from 'node:child_process';
import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { waitFor } from '@holdfast/infra/testing/index';
import { listen } from '../src/http/listen.ts';
import { CreatedWorkspace } from '../src/workspace/create-workspace.dto.ts';
import { type TestGateway, testGateway } from './support/gateway.ts';
import { statusOf } from './support/given.ts';

/** What a snippet needs that not every machine has. */
const has = (program: string): boolean => spawnSync(program, ['--version']).status === 0;

let gateway: TestGateway;
let platformUrl: string;
let home: string;
beforeAll(async () => {
  gateway = await testGateway();
  platformUrl = (await listen(gateway.app, ['127.0.0.1'], 0)).urls[0] ?? '';
  home = await mkdtemp(path.join(os.tmpdir(), 'holdfast-connection-'));
});
afterAll(async () => {
  await gateway.close();
  await rm(home, { recursive: true });
});

/** An external workspace as its operator gets it. */
async function external() {
  const answer = await gateway.call('POST', '/workspaces', {
    body: { name: 'outside', external: true },
    headers: { host: new URL(platformUrl).host },
  });
  const { id, connection } = CreatedWorkspace.parse(answer.json());
  if (!connection) throw new Error('an external workspace without a URL is told how to connect');
  return { id, connection };
}

/** What was asked of the route, by the access log. */
const said = (route: string): string[] => gateway.lines.filter((line) => line.includes(`"${route}"`));

/** Runs a snippet as it was copied. */
function run(program: string, args: readonly string[], variables: Record<string, string>) {
  const child = spawn(program, args, {
    env: { PATH: process.env['PATH'] ?? '', HOME: home, ...variables },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  return { child, ended, output: () => output };
}

test.runIf(has('curl'))('the curl template registers an agent', async () => {
  const { id, connection } = await external();
  const { ended, output } = run('sh', ['-c', connection.curl_register_template], {
    WORKSPACE_AUTH_TOKEN: connection.auth_token,
    AGENT_URL: 'http://8.8.8.8:9000',
  });
  expect([await ended, output()]).toEqual([0, expect.stringContaining('"status":"registered"')]);
  expect(await gateway.db.workspace.findUniqueOrThrow({ where: { id } })).toMatchObject({
    status: 'online',
    url: 'http://8.8.8.8:9000',
  });
});

test.runIf(has('python3'))('the Python program registers once and beats', async () => {
  const { id, connection } = await external();
  gateway.lines.length = 0;
  const { child, ended, output } = run('python3', ['-c', connection.python_snippet], {
    WORKSPACE_AUTH_TOKEN: connection.auth_token,
  });
  try {
    await waitFor(() => said('/registry/heartbeat').length > 0, { what: `a beat: ${output()}` });
    expect(said('/registry/register')).toHaveLength(1);
    expect(await statusOf(gateway.db, id)).toBe('online');
  } finally {
    child.kill();
    await ended;
  }
});

test('the channel keeps what it needs where only its owner reads it, and starts', async () => {
  const { id, connection } = await external();
  // Stands for the program the last line starts: it says what it was given.
  const claude = path.join(home, 'claude');
  await writeFile(claude, '#!/bin/sh\nenv | grep ^MOLECULE_ | sort\n');
  await chmod(claude, 0o755);
  const snippet = connection.claude_code_channel_snippet.replace('<auth_token>', connection.auth_token);
  const { ended, output } = run('sh', ['-c', snippet], { PATH: `${home}:${process.env['PATH'] ?? ''}` });
  expect(await ended).toBe(0);
  const given = {
    MOLECULE_PLATFORM_URL: platformUrl,
    MOLECULE_WORKSPACE_IDS: id,
    MOLECULE_WORKSPACE_TOKENS: connection.auth_token,
  };
  const lines = Object.entries(given).map(([name, value]) => `${name}=${value}\n`);
  expect(output()).toBe(lines.join(''));
  const file = path.join(home, '.claude/channels/holdfast/.env');
  expect([(await stat(file)).mode & 0o777, await readFile(file, 'utf8')]).toEqual([0o600, lines.join('')]);
});
