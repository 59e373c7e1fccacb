import type { Tx } from '@holdfast/prisma';
import { Refusal } from '../failure/refusal.ts';
import type { Cipher } from '../secret/cipher.ts';
import { newToken } from './tokens.ts';

/** What the platform presents when it calls a workspace. */
export interface InboundSecret {
  readonly secret: string;
  /** True when it was missing and has just been made: the agent does not know it yet. */
  readonly healed: boolean;
}

/**
 * Reads the inbound secret of a workspace, or makes it when it is missing. Of several callers that find it missing,
 * one makes it and all return that one.
 * @throws Refusal WORKSPACE_NOT_FOUND; Error when it is there but was sealed with another key
 */
export async function readOrHealInboundSecret(tx: Tx, cipher: Cipher, workspaceId: string): Promise<InboundSecret> {
  const known = await readSealed(tx, workspaceId);
  if (known) return { secret: cipher.open(known), healed: false };
  const secret = newToken();
  const { count } = await tx.workspace.updateMany({
    where: { id: workspaceId, platformInboundSecret: null },
    data: { platformInboundSecret: cipher.seal(secret) },
  });
  if (count === 1) return { secret, healed: true };
  const theirs = await readSealed(tx, workspaceId);
  if (!theirs) throw new Refusal('WORKSPACE_NOT_FOUND', 'workspace not found');
  return { secret: cipher.open(theirs), healed: false };
}

async function readSealed(tx: Tx, workspaceId: string): Promise<Uint8Array | null> {
  const row = await tx.workspace.findUnique({ where: { id: workspaceId }, select: { platformInboundSecret: true } });
  if (!row) throw new Refusal('WORKSPACE_NOT_FOUND', 'workspace not found');
  return row.platformInboundSecret;
}
