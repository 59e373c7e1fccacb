import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/** True when nothing listens on the port of this address; also for an address that is not this machine's. */
export function portIsFree(port: number, host = '127.0.0.1'): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', ({ code }: NodeJS.ErrnoException) => resolve(code === 'EADDRNOTAVAIL'));
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(true)));
  });
}

const FIRST_PORT = 15_000;
const LAST_PORT = 31_999;

/**
 * A loopback port nobody uses at this instant. Below those that systems give to outgoing connections: one of these might
 * be gone again before anything listens on it.
 */
export async function anyFreePort(): Promise<number> {
  for (;;) {
    const port = randomInt(FIRST_PORT, LAST_PORT + 1);
    if (await portIsFree(port)) return port;
  }
}
