import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

export interface Heard {
  readonly call: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** `null`: the connection is cut. `'silence'`: no answer comes. */
export type Scripted = { status: number; body?: string | object } | null | 'silence';

/** A control plane that has the wire contract and nothing else, and answers as it is told. */
export async function startOlderControlPlane(answer: (call: string) => Scripted) {
  const heard: Heard[] = [];
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      const call = `${request.method} ${request.url}`;
      heard.push({ call, headers: request.headers, body });
      const said = call === 'GET /cp/capabilities' ? { status: 404, body: '404 page not found' } : answer(call);
      if (said === 'silence') return;
      if (said === null) return void response.destroy();
      const { status, body: sent = '' } = said;
      response.writeHead(status).end(typeof sent === 'string' ? sent : JSON.stringify(sent));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    /** What it was asked, but for what it can do. */
    heard: () => heard.filter(({ call }) => call !== 'GET /cp/capabilities'),
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
