import http from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request as the server got it. */
export interface Heard {
  readonly method: string;
  readonly target: string;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: string;
}

export type Reaction = (answer: http.ServerResponse, heard: Heard) => void;

export interface ScriptedGateway extends AsyncDisposable {
  readonly url: string;
  readonly heard: readonly Heard[];
}

/**
 * A server that does to each request in turn what it is told, the last thing for ever: for answers that a real gateway
 * cannot be made to give, such as a connection that breaks after the change was made.
 */
export async function scriptedGateway(...script: readonly Reaction[]): Promise<ScriptedGateway> {
  const heard: Heard[] = [];
  const server = http.createServer((request, answer) => {
    let body = '';
    request.setEncoding('utf8').on('data', (part: string) => (body += part));
    request.on('end', () => {
      const { method = '', url: target = '', headers } = request;
      const said = { method, target, headers, body };
      heard.push(said);
      script[Math.min(heard.length, script.length) - 1]?.(answer, said);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = async (): Promise<void> => {
    const closed = new Promise((resolve) => server.close(resolve));
    server.closeAllConnections();
    await closed;
  };
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, heard, [Symbol.asyncDispose]: close };
}

export const json =
  (status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): Reaction =>
  (answer) =>
    void answer.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));

/** Takes the request and breaks the connection: whether it was carried out, nobody learns. */
export const broken: Reaction = (answer) => void answer.socket?.resetAndDestroy();

/** A stream that says this and then, unless told to stay open, breaks. */
export const stream =
  (text: string, { stays = false } = {}): Reaction =>
  (answer) => {
    answer.writeHead(200, { 'content-type': 'text/event-stream' }).write(text, () => {
      if (!stays) answer.socket?.resetAndDestroy();
    });
  };

export const sse = (event: string, data: unknown, id?: number): string =>
  `${id === undefined ? '' : `id: ${id}\n`}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
