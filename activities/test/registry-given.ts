import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import type { Database } from '@holdfast/prisma';
import { registerAgent } from '../src/agent/register.ts';
import { Refusal } from '../src/failure/refusal.ts';
import type { Cipher } from '../src/secret/cipher.ts';
import { lookupWorkspaceToken } from '../src/token/token-lookup.ts';

/** The registry as agents on other machines meet it: the code of the gateway behind two routes. */
export async function startRegistry(db: Database, cipher: Cipher) {
  /** How many of the next answers to a register are lost on their way. */
  let toLose = 0;
  const heard: { route: string; by: 'token' | 'nonce' | 'nothing' }[] = [];
  const parts = {
    db,
    cipher,
    urls: { mode: { saas: false, dev: false }, lookup: () => Promise.resolve([]) },
    transact: db.$transaction.bind(db) as never,
    onTrouble: () => undefined,
  };
  const server = createServer((request, response) => {
    void (async () => {
      const body = (await json(request)) as { id?: string; url?: string; agent_card?: unknown };
      const plain = request.headers.authorization?.replace(/^Bearer /, '') ?? '';
      const nonce = request.headers['x-holdfast-nonce'];
      const token = plain === '' ? null : await lookupWorkspaceToken(db, plain);
      const route = request.url ?? '';
      heard.push({ route, by: token ? 'token' : typeof nonce === 'string' ? 'nonce' : 'nothing' });
      if (route !== '/registry/register') return response.writeHead(token ? 200 : 401).end('{}');
      try {
        const { answer } = await registerAgent(parts, {
          id: body.id ?? '',
          url: body.url ?? '',
          agentCard: body.agent_card,
          deliveryMode: null,
          shown: {
            bearer: token ? { boxId: token.boxId } : plain === '' ? 'none' : 'foreign',
            nonce: typeof nonce === 'string' ? nonce : null,
          },
        });
        if (toLose > 0) {
          toLose -= 1;
          return response.destroy();
        }
        return response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
      } catch (error) {
        return response.writeHead(error instanceof Refusal && error.code === 'UNAUTHORIZED' ? 401 : 500).end('{}');
      }
    })();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    heard,
    lose: (answers: number) => {
      toLose = answers;
    },
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
