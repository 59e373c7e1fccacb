import { createServer, type Server } from 'node:http';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';

export interface Listening {
  /** One per address. */
  readonly urls: readonly string[];
  readonly port: number;
  /** The servers beyond the application's own. */
  readonly extra: readonly Server[];
}

/** Somebody else has the port, or the address is not one of this machine's. */
export class ListenError extends Error {
  constructor(address: string, port: number, cause: unknown) {
    const { code, message } = cause as { code?: string; message: string };
    super(`The gateway cannot listen on ${address}:${port}: ${sentences[code ?? ''] ?? message}.`, { cause });
    this.name = 'ListenError';
  }
}

const sentences: Record<string, string> = {
  EADDRINUSE: 'the port is taken; set PORT to a free one',
  EADDRNOTAVAIL: 'this machine has no such address; correct HOLDFAST_LISTEN',
  EACCES: 'this user may not use that port; set PORT to one above 1023',
};

/**
 * Listens on every address with one port; port 0 takes a free one.
 * @throws ListenError
 */
export async function listen(
  app: NestFastifyApplication,
  addresses: readonly string[],
  wantedPort: number,
): Promise<Listening> {
  const [first = '127.0.0.1', ...others] = addresses;
  await app.listen({ host: first, port: wantedPort }).catch((error: unknown) => {
    throw new ListenError(first, wantedPort, error);
  });
  const main = app.getHttpServer() as unknown as Server;
  const bound = main.address();
  const port = typeof bound === 'object' && bound ? bound.port : wantedPort;
  const extra: Server[] = [];
  for (const address of others) extra.push(await listenAlso(main, address, port));
  return {
    port,
    extra,
    urls: [first, ...others].map((address) => `http://${address.includes(':') ? `[${address}]` : address}:${port}`),
  };
}

/** A second door to the same server: requests and upgrades go to the main one. */
async function listenAlso(main: Server, address: string, port: number): Promise<Server> {
  const server = createServer();
  server.on('request', (...args) => main.emit('request', ...args));
  server.on('upgrade', (...args) => main.emit('upgrade', ...args));
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(new ListenError(address, port, error)));
    server.listen(port, address, resolve);
  });
  return server;
}
