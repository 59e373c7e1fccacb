import { randomUUID } from 'node:crypto';
import type { Beat } from '@holdfast/activities/agent/beat';
import { type Registration, registerAgent } from '@holdfast/activities/agent/register';
import { eventsAfter } from '@holdfast/activities/event/event-list';
import { createCipher } from '@holdfast/activities/secret/cipher';
import { newToken, storeToken, tokenHash } from '@holdfast/activities/token/tokens';
import type { Database, Prisma } from '@holdfast/prisma';
import { givenWorkspace } from '../given-workspace.ts';

export const cipher = createCipher(Buffer.alloc(32, 7).toString('base64'));

/** What a test has of a box: its own credentials, as the box got them. */
export interface GivenBox {
  readonly workspaceId: string;
  readonly boxId: string;
  readonly operationId: string;
  readonly token: string;
  readonly nonce: string;
}

/** A workspace whose box has just been made by an operation that is still its owner. */
export async function givenBootingBox(
  db: Database,
  wanted: Partial<Prisma.WorkspaceCreateInput> = {},
): Promise<GivenBox> {
  const workspaceId = await givenWorkspace(db, { status: 'provisioning', url: 'http://127.0.0.1:45001', ...wanted });
  return givenBox(db, workspaceId);
}

/** A new current box of a workspace, as mint leaves it. */
export async function givenBox(db: Database, workspaceId: string): Promise<GivenBox> {
  const [boxId, operationId] = [randomUUID(), randomUUID()];
  const credentials = { token: newToken(), nonce: newToken(), inboundSecret: newToken() };
  await db.operation.create({
    data: { id: operationId, orgId: 'default', workspaceId, kind: 'provision', state: 'accepted', actor: 'test' },
  });
  await db.box.updateMany({ where: { workspaceId }, data: { state: 'gone' } });
  await db.box.create({
    data: {
      id: boxId,
      workspaceId,
      operationId,
      cycle: 1,
      owner: 'test',
      host: 'here',
      backend: 'process',
      state: 'running',
      sealedCredentials: cipher.seal(JSON.stringify(credentials)),
      nonceHash: tokenHash(credentials.nonce),
    },
  });
  await storeToken(db, { workspaceId, plain: credentials.token, purpose: 'agent', boxId });
  await db.workspace.update({
    where: { id: workspaceId },
    data: {
      boxId,
      boxOperationId: operationId,
      operationId,
      platformInboundSecret: cipher.seal(credentials.inboundSecret),
    },
  });
  return { workspaceId, boxId, operationId, token: credentials.token, nonce: credentials.nonce };
}

/** Names and payloads of the recorded events of a workspace, in order. */
export const eventsOf = async (db: Database, workspaceId: string) =>
  (await eventsAfter(db, workspaceId, 0, 100)).map(({ event, payload }) => ({ event, payload }));

/** A beat that says only that the agent is alive. */
export const aBeat = (workspaceId: string, wanted: Partial<Beat> = {}): Beat => ({
  workspaceId,
  agent: { boxId: null },
  errorRate: 0,
  sampleError: '',
  activeTasks: 0,
  uptimeSeconds: 0,
  currentTask: '',
  monthlySpend: 0,
  runtimeState: '',
  declaration: null,
  ...wanted,
});

type RegisterParts = Parameters<typeof registerAgent>[0];

/** Registers agents as the gateway does, with a directory of names that is written here. */
export function registrar(db: () => Database, names: Readonly<Record<string, string[]>> = {}) {
  const lookups: string[] = [];
  const register = (
    id: string,
    wanted: Pick<Registration, 'shown'> & Partial<Registration>,
    parts: Partial<RegisterParts> = {},
  ) =>
    registerAgent(
      {
        db: db(),
        cipher,
        transact: (change) => db().$transaction(change),
        urls: {
          mode: { saas: false, dev: false },
          lookup: async (host) => {
            lookups.push(host);
            return { 'agent.example.net': ['8.8.8.8'], ...names }[host] ?? [];
          },
        },
        onTrouble: () => undefined,
        ...parts,
      },
      {
        id,
        url: 'http://agent.example.net:8000',
        agentCard: { name: 'agent', skills: [] },
        deliveryMode: null,
        ...wanted,
      },
    );
  return { lookups, register };
}

/** What an agent shows that has the token of its box. */
export const mine = ({ boxId }: GivenBox): Registration['shown'] => ({ bearer: { boxId }, nonce: null });
