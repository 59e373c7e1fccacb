import { type Database, Prisma, type Tx } from '@holdfast/prisma';
import { recordEvent } from '../event/event-records.ts';
import { storableJson } from '../event/storable.ts';
import { Refusal } from '../failure/refusal.ts';
import type { Cipher } from '../secret/cipher.ts';
import { readOrHealInboundSecret } from '../token/inbound-secret.ts';
import { changeStatus } from '../workspace/status-change.ts';
import { type Admitted, admit, boxOfNonce, type ShownCredential } from './admission.ts';
import { LIVENESS_MS, noteFirstContact, noteNonceContact } from './box-contact.ts';
import { counts } from './identity.ts';
import { issueBoxToken } from './issue-token.ts';
import type { Transact } from './transact.ts';
import { checkUrl, type UrlPolicy } from './url-policy.ts';

export interface Registration {
  readonly id: string;
  /** Empty when the agent named none. */
  readonly url: string;
  readonly agentCard: unknown;
  /** Null keeps what is stored. */
  readonly deliveryMode: 'push' | 'poll' | null;
  readonly shown: ShownCredential;
}

export interface RegistryParts {
  readonly db: Database;
  readonly cipher: Cipher;
  readonly urls: UrlPolicy;
  /** Runs the change in one transaction; the whole of it may run again. */
  readonly transact: Transact;
  /** Told of what failed without failing the request. */
  readonly onTrouble: (what: string, error: unknown) => void;
}

/** The body of the answer. A register without effect is answered with the status alone. */
export interface RegisterAnswer {
  status: 'registered';
  delivery_mode?: 'push' | 'poll';
  auth_token?: string;
  platform_inbound_secret?: string;
}

export interface Registered {
  readonly answer: RegisterAnswer;
  /** Whether an operation may be waiting for this agent. */
  readonly poke: boolean;
}

const withoutEffect: Registered = { answer: { status: 'registered' }, poke: false };

/**
 * An agent says where it is and what it can do. The order of the checks is part of the wire contract: nothing about
 * the row shows before the credential is proven.
 * @throws Refusal WORKSPACE_NOT_FOUND, UNAUTHORIZED, INVALID_REQUEST, UNSAFE_URL; INTERNAL when it cannot be stored
 */
export async function registerAgent(parts: RegistryParts, registration: Registration): Promise<Registered> {
  const agent = await admit(parts.db, registration.id, registration.shown);
  if (!agent) throw new Refusal('WORKSPACE_NOT_FOUND', 'workspace not found');
  const deliveryMode = registration.deliveryMode ?? agent.deliveryMode;
  const url = deliveryMode === 'push' ? await addressOf(registration.url, agent, parts) : null;
  try {
    return await parts.transact((tx) => store(tx, parts, { ...registration, deliveryMode, storedUrl: url }, agent));
  } catch (error) {
    if (error instanceof Refusal) throw error;
    parts.onTrouble('a register could not be stored', error);
    throw new Refusal('INTERNAL', 'registration failed');
  }
}

/** What is stored of the address that an agent names; null keeps what its backend has recorded. */
async function addressOf(url: string, agent: Admitted, { db, urls }: RegistryParts): Promise<string | null> {
  if (url === '') throw new Refusal('INVALID_REQUEST', 'url is required for push-mode workspaces');
  // Where a box of ours is, our backend knows; what the agent in it says is not used.
  if (agent.boxId && !(await isUnplaced(db, agent.boxId))) return null;
  const verdict = await checkUrl(url, 'register', urls);
  if (verdict.allowed) return url;
  // The box is there, and was asked for: it comes up without an address.
  if (agent.boxId) return null;
  throw new Refusal('UNSAFE_URL', verdict.reason);
}

/** Whether the backend of a box has said that it knows no address, as a control plane may; not while it has said nothing. */
async function isUnplaced(db: Database, boxId: string): Promise<boolean> {
  const found = await db.$queryRaw<unknown[]>`
    SELECT 1 FROM boxes WHERE id = ${boxId}::uuid AND backend = 'control-plane' AND url = ''`;
  return found.length > 0;
}

interface AgentRow {
  box_id: string | null;
  box_operation_id: string | null;
  operation_id: string | null;
}

type Decided = Registration & { deliveryMode: 'push' | 'poll'; storedUrl: string | null };

async function store(tx: Tx, parts: RegistryParts, registration: Decided, agent: Admitted): Promise<Registered> {
  const { id, shown, deliveryMode, agentCard } = registration;
  const [row] = await tx.$queryRaw<AgentRow[]>`
    SELECT box_id, box_operation_id, operation_id FROM workspaces WHERE id = ${id}::uuid AND status <> 'removed' FOR NO KEY UPDATE`;
  if (!row) throw new Refusal('WORKSPACE_NOT_FOUND', 'workspace not found');
  if (agent.by === 'nonce' && !(await boxOfNonce(tx, id, shown.nonce))) {
    throw new Refusal('UNAUTHORIZED', 'invalid workspace auth token');
  }
  if (!counts(row, agent) || !(await changeStatus(tx, id, 'register', columns(registration, agent))))
    return withoutEffect;
  const authToken =
    agent.by === 'nonce' ? await issueBoxToken(tx, parts.cipher, { workspaceId: id, boxId: agent.boxId }) : null;
  if (agent.boxId)
    await (agent.by === 'nonce' ? noteNonceContact(tx, agent.boxId) : noteFirstContact(tx, [agent.boxId]));
  const url = await storedUrl(tx, id);
  await recordEvent(tx, {
    workspaceId: id,
    type: 'WORKSPACE_ONLINE',
    payload: { url, agent_card: agentCard, delivery_mode: deliveryMode },
  });
  const secret = await inboundSecret(tx, parts, id);
  return {
    answer: {
      status: 'registered',
      delivery_mode: deliveryMode,
      ...(authToken ? { auth_token: authToken } : {}),
      ...(secret ? { platform_inbound_secret: secret } : {}),
    },
    poke: row.operation_id !== null,
  };
}

/** What a register writes besides the status. A box's address was recorded by its backend and stays. */
const columns = (registration: Decided, agent: Admitted): Prisma.Sql => Prisma.sql`,
  agent_card = ${storableJson(registration.agentCard)}::jsonb,
  delivery_mode = ${registration.deliveryMode}::delivery_mode,
  url = CASE WHEN ${agent.boxId !== null} THEN coalesce(${registration.storedUrl}, url) ELSE ${registration.storedUrl} END,
  last_heartbeat_at = clock_timestamp(),
  liveness_expires_at = clock_timestamp() + ${LIVENESS_MS} * interval '1 millisecond',
  idle_since = CASE WHEN active_tasks > 0 THEN NULL WHEN status IN ('online', 'degraded') THEN idle_since ELSE clock_timestamp() END`;

async function storedUrl(tx: Tx, id: string): Promise<string> {
  const [row] = await tx.$queryRaw<{ url: string | null }[]>`SELECT url FROM workspaces WHERE id = ${id}::uuid`;
  return row?.url ?? '';
}

/** Left out of the answer when it cannot be read: the next register or beat tries again. */
async function inboundSecret(tx: Tx, parts: RegistryParts, id: string): Promise<string | null> {
  try {
    return (await readOrHealInboundSecret(tx, parts.cipher, id)).secret;
  } catch (error) {
    parts.onTrouble('an inbound secret could not be read', error);
    return null;
  }
}
