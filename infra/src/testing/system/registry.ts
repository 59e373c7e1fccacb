import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { registerAgent } from '@holdfast/activities/agent/register';
import { Refusal } from '@holdfast/activities/failure/refusal';
import type { WorkspacePoker } from '@holdfast/activities/operation/poker';
import type { Cipher } from '@holdfast/activities/secret/cipher';
import { lookupWorkspaceToken } from '@holdfast/activities/token/token-lookup';
import { reportBootstrapFailure } from '@holdfast/activities/workspace/bootstrap-failed';
import type { Database } from '@holdfast/prisma';

/** An agent that wants to register: of which workspace, and where it listens. */
export interface Caller {
  readonly workspaceId: string;
  readonly url: string;
}

export interface RegistryOptions {
  readonly db: Database;
  readonly cipher: Cipher;
  readonly poker?: WorkspacePoker;
  /** Agents that are not let in for now. */
  readonly isMute?: (caller: Caller) => boolean;
}

export interface Registry extends AsyncDisposable {
  readonly url: string;
  readonly heard: readonly { readonly route: string; readonly by: 'token' | 'nonce' | 'nothing' }[];
  /** How many of the next answers to a register are lost on their way. */
  lose(answers: number): void;
}

interface Said {
  readonly status: number;
  readonly body: object;
}

/** The registry as agents and the control plane on other machines meet it: the code of the gateway behind its routes. */
export async function startRegistry(options: RegistryOptions): Promise<Registry> {
  const { db, poker } = options;
  let toLose = 0;
  const heard: { route: string; by: 'token' | 'nonce' | 'nothing' }[] = [];

  const register = async (body: Record<string, string>, shown: Shown): Promise<Said> => {
    const caller = { workspaceId: body['id'] ?? '', url: body['url'] ?? '' };
    if (options.isMute?.(caller)) return { status: 503, body: {} };
    const { answer, poke } = await registerAgent(partsOf(options), {
      id: caller.workspaceId,
      url: caller.url,
      agentCard: body['agent_card'],
      deliveryMode: null,
      shown: { bearer: bearerOf(shown), nonce: shown.nonce },
    });
    if (poke) await poker?.poke(caller.workspaceId);
    return { status: 200, body: answer };
  };

  const failBoot = async (workspaceId: string, body: Record<string, string>): Promise<Said> => {
    const { error = '', log_tail: logTail = '', box_id: boxId = null } = body;
    const changed = await db.$transaction((tx) => reportBootstrapFailure(tx, { workspaceId, error, logTail, boxId }));
    if (changed) await poker?.poke(workspaceId);
    return { status: 200, body: {} };
  };

  const answer = async (request: IncomingMessage): Promise<Said | 'lost'> => {
    const route = request.url ?? '';
    const body = (await json(request)) as Record<string, string>;
    const [, failed] = /^\/admin\/workspaces\/([^/]+)\/bootstrap-failed$/.exec(route) ?? [];
    if (failed !== undefined) return await failBoot(failed, body);
    const shown = await shownBy(db, request);
    heard.push({ route, by: shown.token ? 'token' : shown.nonce === null ? 'nothing' : 'nonce' });
    if (route !== '/registry/register') return { status: shown.token ? 200 : 401, body: {} };
    const said = await register(body, shown);
    if (toLose === 0) return said;
    toLose -= 1;
    return 'lost';
  };

  const server = createServer((request, response) => {
    void answer(request)
      .catch((error: unknown): Said => ({ status: statusOf(error), body: {} }))
      .then((said) => {
        if (said === 'lost') return response.destroy();
        return response.writeHead(said.status, { 'content-type': 'application/json' }).end(JSON.stringify(said.body));
      });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    heard,
    lose: (answers) => {
      toLose = answers;
    },
    [Symbol.asyncDispose]: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

interface Shown {
  /** What was shown as bearer, as text. */
  readonly plain: string;
  readonly token: Awaited<ReturnType<typeof lookupWorkspaceToken>>;
  readonly nonce: string | null;
}

async function shownBy(db: Database, { headers }: IncomingMessage): Promise<Shown> {
  const plain = headers.authorization?.replace(/^Bearer /, '') ?? '';
  const nonce = headers['x-holdfast-nonce'];
  const token = plain === '' ? null : await lookupWorkspaceToken(db, plain);
  return { plain, token, nonce: typeof nonce === 'string' ? nonce : null };
}

const bearerOf = ({ plain, token }: Shown) =>
  token ? { boxId: token.boxId } : plain === '' ? ('none' as const) : ('foreign' as const);

const partsOf = ({ db, cipher }: RegistryOptions) => ({
  db,
  cipher,
  urls: { mode: { saas: false, dev: false }, lookup: () => Promise.resolve([]) },
  transact: db.$transaction.bind(db) as never,
  onTrouble: () => undefined,
});

const statusOf = (error: unknown): number => (error instanceof Refusal && error.code === 'UNAUTHORIZED' ? 401 : 500);
