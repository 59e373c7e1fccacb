import type { BoxCredentials } from '@holdfast/activities/operation/mint';
import type { Cipher } from '@holdfast/activities/secret/cipher';
import type { Database } from '@holdfast/prisma';
import type { BoxPort } from '@holdfast/workflows/box/ports';
import { Client, now } from './load.ts';
import type { Mark } from './null-worker-handle.ts';

const CONNECTIONS = 100;
const card = {
  name: 'null',
  description: 'registers and does nothing',
  version: '1.0.0',
  capabilities: {},
  skills: [],
};

let probing = false;
process.on('message', (message: { probe: boolean }) => {
  probing = message.probe;
});
const tell = (mark: Mark): void => void process.send?.(mark);

/** Boxes that are rows alone: to start one is to register its agent at the gateway, at once. */
export function nullBoxes(parts: { db: Database; cipher: Cipher; platformUrl: string }): BoxPort {
  const { db, cipher } = parts;
  const platform = new Client(parts.platformUrl, { connections: CONNECTIONS });

  const register = async (workspaceId: string, token: string): Promise<void> => {
    const body = JSON.stringify({ id: workspaceId, url: 'http://127.0.0.1:9', agent_card: card });
    const sent = now();
    await platform.expect(200, { method: 'POST', path: '/registry/register', body, token });
    const answered = now();
    if (!probing) return tell({ mark: 'registered', workspaceId, sent, answered });
    for (;;) {
      const answer = await platform.expect(200, { method: 'GET', path: `/workspaces/${workspaceId}`, token });
      if ((JSON.parse(answer.body.toString()) as { status: string }).status === 'online') break;
    }
    tell({ mark: 'registered', workspaceId, sent, answered, visible: now() });
  };

  return {
    prepareBox: () => Promise.resolve(),
    async startBox({ workspaceId, boxId }) {
      tell({ mark: 'started', workspaceId, at: now() });
      const { sealedCredentials } = await db.box.findUniqueOrThrow({ where: { id: boxId } });
      await db.box.updateMany({
        where: { id: boxId, state: 'creating' },
        data: { state: 'running', externalId: boxId, startedAt: new Date() },
      });
      // A box that was started twice has registered already and forgotten its credentials.
      if (!sealedCredentials) return;
      const { token } = JSON.parse(cipher.open(sealedCredentials)) as BoxCredentials;
      register(workspaceId, token).catch((error: unknown) => tell({ mark: 'broken', text: String(error) }));
    },
    async settleBoxes({ workspaceId, host }) {
      const { count } = await db.box.updateMany({
        where: { workspaceId, host, state: { in: ['stopping', 'owed'] } },
        data: { state: 'gone', goneAt: new Date() },
      });
      return { gone: count, owed: [] };
    },
    removeVolumes: () => Promise.resolve(),
  };
}
