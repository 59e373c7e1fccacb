import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { json } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type Agent, startAgent } from './agent.ts';
import { readConfig } from './config.ts';

interface Call {
  readonly route: string;
  readonly authorization: string | undefined;
  readonly nonce: string | undefined;
  readonly body: Record<string, unknown>;
  readonly at: number;
}
type Reply = { status: number; body?: Record<string, unknown> };

/** A platform that answers as the test says and remembers what it was asked. */
async function fakePlatform(reply: (call: Call, calls: readonly Call[]) => Reply | Promise<Reply>) {
  const calls: Call[] = [];
  const server = http.createServer((request, response) => {
    void (async () => {
      const call: Call = {
        route: request.url ?? '',
        authorization: request.headers.authorization,
        nonce: request.headers['x-holdfast-nonce'] as string | undefined,
        body: (await json(request)) as Record<string, unknown>,
        at: performance.now(),
      };
      calls.push(call);
      const { status, body = {} } = await reply(call, calls);
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    })();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(() => {
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    server.closeAllConnections();
    return closed;
  });
  return { calls, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

let directory: string;
const closing: (() => Promise<unknown>)[] = [];

beforeEach(async () => {
  directory = await mkdtemp(path.join(os.tmpdir(), 'holdfast-agent-'));
});
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
  await rm(directory, { recursive: true });
});

async function anAgent(platformUrl: string, env: Record<string, string> = {}): Promise<Agent> {
  const config = readConfig({
    WORKSPACE_ID: 'w-1',
    PLATFORM_URL: platformUrl,
    WORKSPACE_CONFIG_PATH: directory,
    AGENT_HOST: '127.0.0.1',
    AGENT_PORT: '0',
    HOLDFAST_BEAT_SECONDS: '0.02',
    ...env,
  });
  const agent = await startAgent(config, () => undefined);
  closing.push(() => agent.stop());
  return agent;
}

/** As long as a busy machine may take. */
const eventually = (claim: () => unknown): Promise<unknown> => vi.waitFor(claim, { timeout: 20_000 });
const tokenFile = () => path.join(directory, '.auth_token');
const beats = (calls: readonly Call[]) => calls.filter(({ route }) => route === '/registry/heartbeat');

describe('an agent', () => {
  test('registers its address and card with the token it was given', async () => {
    await writeFile(tokenFile(), 'secret-token\n');
    const platform = await fakePlatform(() => ({ status: 200 }));
    const agent = await anAgent(platform.url);
    await eventually(() => expect(platform.calls.length).toBeGreaterThan(0));
    expect(platform.calls[0]).toMatchObject({
      route: '/registry/register',
      authorization: 'Bearer secret-token',
      body: { id: 'w-1', url: agent.url, agent_card: { url: agent.url } },
    });
  });

  test('shows its nonce only while it has no token, and keeps what the answer brings', async () => {
    const platform = await fakePlatform(() => ({
      status: 200,
      body: { auth_token: 'minted', platform_inbound_secret: 'inbound' },
    }));
    await anAgent(platform.url, { HOLDFAST_NONCE: 'once' });
    await eventually(() => expect(beats(platform.calls).length).toBeGreaterThan(0));
    expect(platform.calls[0]).toMatchObject({ nonce: 'once', authorization: undefined });
    expect(beats(platform.calls)[0]).toMatchObject({ nonce: undefined, authorization: 'Bearer minted' });
    expect(await readFile(path.join(directory, '.platform_inbound_secret'), 'utf8')).toBe('inbound');
    expect((await stat(tokenFile())).mode & 0o777).toBe(0o600);
  });

  test('shows its nonce when the token on its disk is that of the box before', async () => {
    await writeFile(tokenFile(), 'stale');
    const platform = await fakePlatform(({ authorization }) =>
      authorization === 'Bearer stale' ? { status: 401 } : { status: 200, body: { auth_token: 'minted' } },
    );
    await anAgent(platform.url, { HOLDFAST_NONCE: 'once' });
    await eventually(() => expect(beats(platform.calls).length).toBeGreaterThan(0));
    expect(platform.calls[1]).toMatchObject({ nonce: 'once', authorization: undefined });
    expect(beats(platform.calls)[0]).toMatchObject({ nonce: undefined, authorization: 'Bearer minted' });
  });

  test('tries again until the platform accepts it', async () => {
    const platform = await fakePlatform((_, calls) => ({ status: calls.length < 3 ? 503 : 200 }));
    const agent = await anAgent(platform.url);
    await eventually(async () =>
      expect(await (await fetch(`${agent.url}/health`)).json()).toEqual({ status: 'ok', registered: true }),
    );
    expect(platform.calls.filter(({ route }) => route === '/registry/register')).toHaveLength(3);
  });

  test('reads the token file again when its token is refused', async () => {
    await writeFile(tokenFile(), 'old');
    const platform = await fakePlatform(async ({ authorization }) => {
      if (authorization === 'Bearer new') return { status: 200 };
      await writeFile(tokenFile(), 'new');
      return { status: 401 };
    });
    await anAgent(platform.url);
    await eventually(() => expect(beats(platform.calls).length).toBeGreaterThan(0));
    expect(platform.calls.slice(0, 2).map(({ authorization }) => authorization)).toEqual(['Bearer old', 'Bearer new']);
  });

  test('repeats a refused heartbeat once, not more', async () => {
    const platform = await fakePlatform(({ route }) => ({ status: route === '/registry/register' ? 200 : 401 }));
    const pauseMs = 2_000;
    await anAgent(platform.url, { HOLDFAST_BEAT_SECONDS: String(pauseMs / 1_000) });
    await eventually(() => expect(beats(platform.calls).length).toBeGreaterThan(2));
    const [first, repeated, next] = beats(platform.calls).map(({ at }) => at) as [number, number, number];
    // The repeated one did not wait for the next beat, to which the third belongs.
    expect(repeated - first).toBeLessThan(pauseMs);
    expect(next - repeated).toBeGreaterThan(0.9 * pauseMs);
  });

  test('goes on beating after a beat was lost', async () => {
    const platform = await fakePlatform(({ route }, calls) => ({
      status: route === '/registry/heartbeat' && beats(calls).length === 1 ? 500 : 200,
    }));
    await anAgent(platform.url);
    await eventually(() => expect(beats(platform.calls).length).toBeGreaterThan(2));
    expect(beats(platform.calls)[0]?.body).toMatchObject({
      workspace_id: 'w-1',
      error_rate: 0,
      active_tasks: 0,
      current_task: '',
    });
  });

  test('writes the address it listens on for whoever started it', async () => {
    const file = path.join(directory, 'url');
    const agent = await anAgent('http://127.0.0.1:1', { HOLDFAST_URL_FILE: file });
    expect(await readFile(file, 'utf8')).toBe(agent.url);
  });

  test('answers messages and shows its card before any platform has answered', async () => {
    const agent = await anAgent('http://127.0.0.1:1');
    const body = {
      jsonrpc: '2.0',
      id: 1,
      method: 'message/send',
      params: { message: { role: 'user', parts: [{ kind: 'text', text: 'hello' }] } },
    };
    const said = await fetch(agent.url, { method: 'POST', body: JSON.stringify(body) });
    expect(await said.json()).toMatchObject({ result: { parts: [{ text: 'echo: hello' }] } });
    const card = await fetch(`${agent.url}/.well-known/agent-card.json`);
    expect(await card.json()).toMatchObject({ protocolVersion: '0.3.0', url: agent.url });
    expect((await fetch(`${agent.url}/nothing`)).status).toBe(404);
    expect((await fetch(agent.url)).status).toBe(405);
  });

  test('stops at once while it is still trying to register', async () => {
    const platform = await fakePlatform(() => new Promise<Reply>(() => undefined));
    const agent = await anAgent(platform.url);
    await eventually(() => expect(platform.calls).toHaveLength(1));
    await expect(agent.stop()).resolves.toBeUndefined();
  });
});
