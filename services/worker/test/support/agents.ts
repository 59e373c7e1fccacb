import type { ShownCredential } from '@holdfast/activities/agent/admission';
import { registerAgent } from '@holdfast/activities/agent/register';
import { Refusal } from '@holdfast/activities/failure/refusal';
import type { WorkspacePoker } from '@holdfast/activities/operation/poker';
import { superviseLoop } from '@holdfast/activities/loop/supervised-loop';
import type { Cipher } from '@holdfast/activities/secret/cipher';
import { lookupWorkspaceToken } from '@holdfast/activities/token/token-lookup';
import type { Database, Tx } from '@holdfast/prisma';
import type { Folder, FolderBox } from './folder-backend.ts';

export interface AgentsOptions {
  readonly db: Database;
  readonly cipher: Cipher;
  readonly folder: Folder;
  readonly poker: WorkspacePoker;
  /** Agents that never say a word. */
  readonly mute?: (box: FolderBox) => boolean;
}

/** Registers the agent of every box there is, through the code of the gateway, as soon as its box is up. */
export function startAgents(options: AgentsOptions): AsyncDisposable {
  const registered = new Set<string>();
  const stopping = new AbortController();
  const tick = async (): Promise<void> => {
    for (const box of options.folder.boxes()) {
      if (registered.has(box.boxId) || options.mute?.(box)) continue;
      // A database that is away for a while is what some tests are about: an agent tries again.
      if (await register(options, box).catch(() => false)) registered.add(box.boxId);
    }
  };
  const loop = superviseLoop({ name: 'agents', periodMs: 30, tick, onFailure: () => undefined }, stopping.signal);
  return {
    async [Symbol.asyncDispose]() {
      stopping.abort();
      await loop;
    },
  };
}

/** The token of its file, or the nonce where it has no file. */
async function shownBy(db: Database, box: FolderBox): Promise<ShownCredential | null> {
  if (box.nonce) return { bearer: 'none', nonce: box.nonce };
  const token = await lookupWorkspaceToken(db, box.token);
  return token?.boxId === box.boxId ? { bearer: { boxId: token.boxId }, nonce: null } : null;
}

/** The agent of a box registers; false when that has no effect. */
export async function register(
  { db, cipher, poker }: Pick<AgentsOptions, 'db' | 'cipher' | 'poker'>,
  box: FolderBox,
): Promise<boolean> {
  const shown = await shownBy(db, box);
  if (!shown) return false;
  const urls = { mode: { saas: false, dev: true }, lookup: () => Promise.resolve([]) } as const;
  const parts = {
    db,
    cipher,
    urls,
    transact: <T>(work: (tx: Tx) => Promise<T>) => db.$transaction(work),
    onTrouble: () => undefined,
  };
  const registration = {
    id: box.workspaceId,
    url: 'http://127.0.0.1:1',
    agentCard: {},
    deliveryMode: null,
    shown,
  } as const;
  try {
    const { answer, poke } = await registerAgent(parts, registration);
    if (poke) await poker.poke(box.workspaceId);
    return answer.delivery_mode !== undefined;
  } catch (error) {
    if (error instanceof Refusal) return false;
    throw error;
  }
}
