import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';

export interface PlatformCall {
  readonly route: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Readonly<Record<string, unknown>>;
}

/** The other end of a tenant: where agents register and failed boots are reported, and what it answers to these. */
export interface Platform {
  readonly url: string;
  readonly calls: readonly PlatformCall[];
  /** The answers to the next reports; 200 once there are none left. `cut`: taken in, and the connection broken. */
  readonly reportAnswers: (number | 'cut')[];
  reports(): readonly PlatformCall[];
  registered(workspaceId: string): boolean;
  stop(): Promise<void>;
}

export async function startPlatform(): Promise<Platform> {
  const calls: PlatformCall[] = [];
  const reportAnswers: (number | 'cut')[] = [];
  const server = createServer((request, response) => {
    void (async () => {
      const route = request.url ?? '';
      calls.push({ route, headers: request.headers, body: (await json(request)) as Record<string, unknown> });
      const answer = route.endsWith('/bootstrap-failed') ? (reportAnswers.shift() ?? 200) : 200;
      if (answer === 'cut') return response.destroy();
      const token = route === '/registry/register' ? { auth_token: 'a-token-of-the-platform' } : {};
      return response
        .writeHead(answer, { 'content-type': 'application/json' })
        .end(JSON.stringify({ ok: true, ...token }));
    })();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls,
    reportAnswers,
    reports: () => calls.filter(({ route }) => route.endsWith('/bootstrap-failed')),
    registered: (workspaceId) =>
      calls.some(({ route, body }) => route === '/registry/register' && body['id'] === workspaceId),
    async stop() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}
