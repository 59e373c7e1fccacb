import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { commandOf } from '../../src/process/command-lines.ts';
import { anyFreePort } from '../../src/process/ports.ts';
import { waitFor } from '../../src/process/wait-for.ts';
import { postgresDirectory } from '../../src/postgres/directory.ts';
import { type PostgresServer, startPostgres } from '../../src/postgres/server.ts';

let directory: string;
let server: PostgresServer | undefined;
beforeEach(() => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'holdfast-postgres-'));
  chmodSync(folder, 0o755);
  directory = path.join(folder, 'postgres');
});
afterEach(async () => {
  await server?.stop();
  server = undefined;
  rmSync(path.dirname(directory), { recursive: true });
});

const start = async () => (server = await startPostgres({ directory, port: await anyFreePort() }));
const pidFile = () => path.join(directory, 'data/postmaster.pid');
const pidOf = () => Number(readFileSync(pidFile(), 'utf8').split('\n')[0]);
const ask = async (url: string, text: string): Promise<unknown[]> => {
  const client = new pg.Client(url);
  await client.connect();
  const { rows } = await client.query(text);
  await client.end();
  return rows;
};

test('keeps its data from one start to the next', async () => {
  const first = await start();
  await ask(first.url('postgres'), 'CREATE TABLE kept AS SELECT 7 AS number');
  await first.stop();
  const second = await start();
  expect(await ask(second.url('postgres'), 'SELECT number FROM kept')).toEqual([{ number: 7 }]);
});

test('takes over the server that runs on the folder already', async () => {
  const first = await start();
  const second = await startPostgres({ directory, port: await anyFreePort() });
  expect(second).toMatchObject({ port: first.port, started: false });
});

test('starts again after it was killed', async () => {
  const first = await start();
  const pid = pidOf();
  process.kill(pid, 'SIGKILL');
  await waitFor(() => commandOf(pid) === undefined, { what: 'the end of the server' });
  expect(existsSync(pidFile())).toBe(true);
  const second = await waitFor(() => start(), { what: 'a second start' });
  expect(second.started).toBe(true);
  expect(await ask(second.url('postgres'), 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  expect(second.port).not.toBe(first.port);
});

test('is not stopped by a lock file whose number now belongs to another process', async () => {
  const first = await start();
  await first.stop();
  writeFileSync(pidFile(), `${process.pid}\n${directory}/data\n0\n${first.port}\n\n127.0.0.1\n`);
  expect((await start()).started).toBe(true);
});

test('a port that is taken is one sentence with the reason', async () => {
  const first = await start();
  const other = path.join(path.dirname(directory), 'other');
  await expect(startPostgres({ directory: other, port: first.port })).rejects.toThrow(
    /^Postgres did not start: could not create any TCP\/IP sockets \(log: .*\)\.$/,
  );
});

test('data under a folder that only root may enter goes where the server can reach it, every time the same', async () => {
  chmodSync(path.dirname(directory), 0o700);
  const isRoot = process.getuid?.() === 0;
  const chosen = await postgresDirectory(directory);
  expect(chosen.startsWith('/var/lib/holdfast/data-')).toBe(isRoot);
  expect(await postgresDirectory(directory)).toBe(chosen);
});
