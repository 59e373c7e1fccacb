import { createServer, type Server } from 'node:http';
import type { Metrics } from './metrics.ts';

/** Serves /metrics, and nothing else, on an address of its own: the network in front of it decides who may read. */
export async function listenForMetrics(metrics: Metrics, address: string): Promise<Server> {
  const server = createServer((request, response) => {
    if (request.url?.split('?', 1)[0] !== '/metrics') {
      response.writeHead(404, { 'content-type': 'text/plain' }).end('404 page not found');
      return;
    }
    response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' }).end(metrics.text());
  });
  const split = address.lastIndexOf(':');
  const host = address.slice(0, split).replace(/^\[|\]$/g, '');
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(Number(address.slice(split + 1)), host, resolve);
  });
  return server;
}
