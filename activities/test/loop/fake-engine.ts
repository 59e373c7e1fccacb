import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import Docker from 'dockerode';

/** What the engine and the registries behind it say; a test changes it as it goes. */
export interface FakeEngine extends AsyncDisposable {
  readonly docker: Docker;
  /** Digest in the registry, by image; one that is missing is an error of that registry. */
  readonly digests: Map<string, string>;
  /** Images whose pull fails while it is streamed. */
  readonly unpullable: Set<string>;
  /** Containers cannot be listed. */
  deaf: boolean;
  /** Calls in order, with the credentials they carried. */
  readonly heard: { readonly call: string; readonly auth: unknown }[];
}

/** An HTTP server that speaks as much of the engine's API as images need. No registry is asked. */
export async function fakeEngine(): Promise<FakeEngine> {
  const digests = new Map<string, string>();
  const unpullable = new Set<string>();
  const heard: FakeEngine['heard'][number][] = [];
  const state = { deaf: false };
  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    const url = new URL(request.url ?? '/', 'http://engine');
    const auth = request.headers['x-registry-auth'];
    const said = typeof auth === 'string' ? (JSON.parse(Buffer.from(auth, 'base64url').toString()) as unknown) : null;
    const json = (status: number, body: unknown) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    const [, name] = /^\/(?:distribution|images)\/(.+)\/json$/.exec(decodeURIComponent(url.pathname)) ?? [];
    if (url.pathname === '/images/create') {
      const image = `${url.searchParams.get('fromImage')}:${url.searchParams.get('tag')}`;
      heard.push({ call: `pull ${image}`, auth: said });
      response.writeHead(200).write(`${JSON.stringify({ status: 'Pulling' })}\n`);
      response.end(`${JSON.stringify(unpullable.has(image) ? { error: 'gone' } : { status: 'Done' })}\n`);
    } else if (name && url.pathname.startsWith('/distribution/')) {
      heard.push({ call: `digest ${name}`, auth: said });
      const digest = digests.get(name);
      if (digest === undefined) json(500, { message: 'the registry does not answer' });
      else json(200, { Descriptor: { digest } });
    } else if (name) json(200, { Id: `sha256:${digests.get(name) ?? 'none'}` });
    else if (url.pathname === '/containers/json') {
      heard.push({ call: 'list', auth: said });
      if (state.deaf) json(500, { message: 'planned' });
      else json(200, []);
    } else json(404, { message: 'no such thing' });
  };
  const server = createServer(answer).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    docker: new Docker({ protocol: 'http', host: '127.0.0.1', port }),
    digests,
    unpullable,
    heard,
    get deaf() {
      return state.deaf;
    },
    set deaf(deaf) {
      state.deaf = deaf;
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
