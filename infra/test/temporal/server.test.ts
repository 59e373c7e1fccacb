import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { processesNaming } from '../../src/process/command-lines.ts';
import { anyFreePort } from '../../src/process/ports.ts';
import { waitFor } from '../../src/process/wait-for.ts';
import { findTemporal } from '../../src/temporal/program.ts';
import { type TemporalServer, startTemporal } from '../../src/temporal/server.ts';

let directory: string;
let server: TemporalServer | undefined;
beforeEach(() => {
  directory = mkdtempSync(path.join(os.tmpdir(), 'holdfast-temporal-'));
});
afterEach(async () => {
  await server?.stop();
  server = undefined;
  rmSync(directory, { recursive: true });
});

const start = async (port?: number) =>
  (server = await startTemporal({
    program: await findTemporal(),
    directory,
    port: port ?? (await anyFreePort()),
    uiPort: await anyFreePort(),
  }));
const pids = () => processesNaming(directory);

async function workflows(address: string, use: (client: Client) => Promise<void>): Promise<void> {
  const connection = await Connection.connect({ address });
  await use(new Client({ connection, namespace: 'workspaces' }));
  await connection.close();
}

test('keeps open executions when it is killed, and starts again', async () => {
  const first = await start();
  await workflows(first.address, async (client) => {
    await client.workflow.start('none', { workflowId: 'kept', taskQueue: 'nobody' });
  });
  for (const pid of pids()) process.kill(pid, 'SIGKILL');
  await waitFor(() => pids().length === 0, { what: 'the end of the server' });
  const second = await start();
  expect(second.started).toBe(true);
  await workflows(second.address, async (client) => {
    expect((await client.workflow.getHandle('kept').describe()).status.name).toBe('RUNNING');
  });
});

test('takes over the server that serves the folder already', async () => {
  const first = await start();
  const second = await startTemporal({ program: 'none', directory, port: await anyFreePort() });
  expect(second).toMatchObject({ address: first.address, uiPort: first.uiPort, started: false });
});

test('leaves no process when it is stopped', async () => {
  await (await start()).stop();
  expect(pids()).toEqual([]);
});

test('a port that is taken is one sentence with the reason', async () => {
  const first = await start();
  const port = Number(first.address.split(':')[1]);
  const other = path.join(directory, 'other');
  const second = startTemporal({ program: await findTemporal(), directory: other, port });
  await expect(second).rejects.toThrow(
    /^Temporal did not start: .*(in use|can't set frontend port|bind).*\(log: .*\)\.$/i,
  );
});

test('a program that is not there is one sentence', async () => {
  const port = await anyFreePort();
  const missing = startTemporal({ program: path.join(directory, 'missing'), directory, port });
  await expect(missing).rejects.toThrow(/^Temporal did not start: /);
});
