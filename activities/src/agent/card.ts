import type { Database, Tx } from '@holdfast/prisma';
import { recordEvent } from '../event/event-records.ts';
import { storableJson } from '../event/storable.ts';
import { Refusal } from '../failure/refusal.ts';
import { type Admitted, admit, type ShownCredential } from './admission.ts';
import type { Transact } from './transact.ts';

export interface CardUpdate {
  readonly workspaceId: string;
  readonly agentCard: unknown;
  readonly shown: ShownCredential;
}

/**
 * Replaces what the agent says about itself. For a removed workspace, and from a box that is not the current one,
 * nothing happens.
 * @throws Refusal WORKSPACE_NOT_FOUND, UNAUTHORIZED; INTERNAL when it cannot be stored
 */
export async function updateCard(
  parts: { db: Database; transact: Transact; onTrouble: (what: string, error: unknown) => void },
  update: CardUpdate,
): Promise<void> {
  const agent = await admit(parts.db, update.workspaceId, update.shown);
  if (!agent) return;
  try {
    await parts.transact((tx) => store(tx, update, agent));
  } catch (error) {
    if (error instanceof Refusal) throw error;
    parts.onTrouble('an agent card could not be stored', error);
    throw new Refusal('INTERNAL', 'failed to update card');
  }
}

async function store(tx: Tx, { workspaceId, agentCard }: CardUpdate, agent: Admitted): Promise<void> {
  const [row] = await tx.$queryRaw<{ box_id: string | null }[]>`
    SELECT box_id FROM workspaces WHERE id = ${workspaceId}::uuid AND status <> 'removed' FOR NO KEY UPDATE`;
  if (!row || (agent.boxId !== null && agent.boxId !== row.box_id)) return;
  await tx.$executeRaw`
    UPDATE workspaces SET agent_card = ${storableJson(agentCard)}::jsonb, updated_at = clock_timestamp()
    WHERE id = ${workspaceId}::uuid`;
  await recordEvent(tx, { workspaceId, type: 'AGENT_CARD_UPDATED', payload: { agent_card: agentCard } });
}
