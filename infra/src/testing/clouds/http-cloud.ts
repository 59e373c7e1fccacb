import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { CloudRequest } from './cloud.ts';
import type { Faults, RefusalKind } from './faults.ts';
import type { Operation } from './operation.ts';

export interface Answer {
  readonly status: number;
  readonly body: string;
  readonly type: string;
}

export interface Asked {
  readonly method: string;
  readonly url: URL;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** What makes one cloud different from another, as HTTP sees it. */
export interface Api {
  operationOf(asked: Asked): Operation;
  /** @param failing accepts it and lets it fail later, where the cloud works like that */
  perform(asked: Asked, failing?: boolean): Promise<Answer>;
  refuse(kind: RefusalKind, operation: Operation): Answer;
}

export interface HttpCloud {
  readonly url: string;
  readonly requests: readonly CloudRequest[];
  close(): Promise<void>;
}

/** Serves an API on loopback, with the faults that tests plan. */
export async function serveCloud(api: Api, faults: Faults): Promise<HttpCloud> {
  const requests: CloudRequest[] = [];
  const server = createServer((request, response) => void answer(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    try {
      const { method = 'GET', headers } = request;
      const asked = { method, headers, url: new URL(request.url ?? '/', url), body: await text(request) };
      const operation = api.operationOf(asked);
      requests.push({ operation, text: readable(asked) });
      await serve(asked, operation, response);
    } catch (error) {
      response.writeHead(500).end(String(error));
    }
  };

  const serve = async (asked: Asked, operation: Operation, response: ServerResponse): Promise<void> => {
    const fault = faults.take(operation);
    switch (fault) {
      case undefined:
        return send(response, await api.perform(asked));
      case 'lost':
        await api.perform(asked);
        response.destroy();
        return undefined;
      case 'failing':
        return send(response, await api.perform(asked, true));
      case 'hanging':
        await api.perform(asked);
        return undefined;
      case 'unheard':
        response.destroy();
        return undefined;
      case 'late':
        faults.hold(() => api.perform(asked));
        response.destroy();
        return undefined;
      case 'doubled': {
        const [, second] = await Promise.all([api.perform(asked), api.perform(asked)]);
        return send(response, second);
      }
      case 'throttled':
      case 'quota':
      case 'capacity':
      case 'unavailable':
      case 'denied':
      case 'hidden':
        return send(response, api.refuse(fault, operation));
    }
  };

  return { url, requests, close: () => close(server) };
}

function send(response: ServerResponse, { status, body, type }: Answer): void {
  response.writeHead(status, { 'content-type': type }).end(body);
}

function close(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeAllConnections();
  return closed;
}

/** A request as one text in which a secret would be found, however it is wrapped. */
function readable({ method, url, headers, body }: Asked): string {
  const plain = decodeURIComponent(body.replaceAll('+', ' ').replaceAll(/%(?![0-9a-fA-F]{2})/g, '%25'));
  const encoded = [...plain.matchAll(/[A-Za-z0-9+/ ]{40,}={0,2}/g)].map(([found]) =>
    Buffer.from(found.replaceAll(' ', '+'), 'base64').toString('utf8'),
  );
  return [method, url.href, JSON.stringify(headers), body, plain, ...encoded].join('\n');
}
