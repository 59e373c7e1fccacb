import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { root } from '../../src/root.ts';
import type { Figure } from '../figure.ts';
import { now } from '../load.ts';
import { bringUpRows, inTurns } from '../pairs.ts';
import { bringUpAndDelete } from '../real-bring-up.ts';

const WORKSPACE = '00000000-0000-0000-0000-000000000001';

export const processes: Figure = {
  name: 'process',
  title: 'Bring-up as a process, from the request to "online"',
  comparison: 'the agent spawned by hand, until its register arrives at a bare server, in turns with ours',
  goal: 'The p95 of a box that is a process is at most 300 ms above that of its agent spawned by hand.',
  async run({ stage, tell }) {
    await stage.workers.startReal('process');
    const client = stage.gateway.client(2);
    const ours = () => bringUpAndDelete(client);
    const raw = () => rawSpawn(stage.servers.directory);
    const pairs = await inTurns(tell, ours, raw);
    client.close();
    await stage.store.reset();
    await stage.workers.stop();
    return bringUpRows(pairs, 'raw spawn', { p95Above: 300 });
  },
};

/** Milliseconds until the agent registers; it is ended after. */
async function rawSpawn(directory: string): Promise<number> {
  const configs = mkdtempSync(path.join(directory, 'raw-'));
  const platform = http.createServer((_request, response) => response.end('{"status":"registered"}'));
  platform.listen(0, '127.0.0.1');
  await once(platform, 'listening');
  const { port } = platform.address() as AddressInfo;
  const begun = now();
  const agent = spawn(process.execPath, [path.join(root, 'services/agent/dist/main.js')], {
    stdio: 'ignore',
    env: {
      WORKSPACE_ID: WORKSPACE,
      WORKSPACE_CONFIG_PATH: configs,
      PLATFORM_URL: `http://127.0.0.1:${port}`,
      AGENT_HOST: '127.0.0.1',
      AGENT_PORT: '0',
      HOLDFAST_NONCE: 'none',
    },
  });
  const ended = once(agent, 'exit').then(() => Promise.reject(new Error('the agent ended at once')));
  ended.catch(() => undefined);
  try {
    await Promise.race([once(platform, 'request'), ended]);
    return now() - begun;
  } finally {
    agent.kill('SIGKILL');
    await ended.catch(() => undefined);
    platform.closeAllConnections();
    platform.close();
    rmSync(configs, { recursive: true, force: true });
  }
}
