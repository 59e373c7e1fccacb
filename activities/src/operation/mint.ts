import { randomBytes, randomUUID } from 'node:crypto';
import { type Database, Prisma } from '@holdfast/prisma';
import { isCloudProvider } from '@holdfast/workflows/box/box';
import type { RunRef } from '@holdfast/workflows/operation/ports';
import type { Cipher } from '../secret/cipher.ts';
import { newToken, revokeTokens, storeToken, tokenHash } from '../token/tokens.ts';
import { announceProvisioning } from '../workspace/announce-provisioning.ts';
import { changeStatus } from '../workspace/status-change.ts';
import { lockOwned } from './operation-row.ts';
import { recordStep } from './steps.ts';

/** What a box is given to prove who it is; sealed on its ledger row until its agent has registered. */
export interface BoxCredentials {
  readonly token: string;
  readonly nonce: string;
  readonly inboundSecret: string;
}

export type MintOrder = RunRef & { cycle: number; host: string; backend: string };

/**
 * Makes the ledger row of the next box and its credentials: the row is there before any backend hears of the box.
 * A second call of the same cycle answers with the box it made.
 */
export async function mintBox(
  db: Database,
  cipher: Cipher,
  owner: string,
  order: MintOrder,
): Promise<{ boxId: string } | null> {
  return db.$transaction(async (tx) => {
    const owned = await lockOwned(tx, order);
    if (!owned) return null;
    const { workspace, operation } = owned;
    const made = await tx.box.findFirst({
      where: { operationId: operation.id, cycle: order.cycle },
      select: { id: true },
    });
    if (made) return { boxId: made.id };
    const boxId = randomUUID();
    const isCloud = order.backend === 'control-plane';
    const credentials: BoxCredentials = {
      token: newToken(),
      nonce: newToken(),
      inboundSecret: randomBytes(32).toString('base64url'),
    };
    await tx.box.create({
      data: {
        id: boxId,
        workspaceId: workspace.id,
        operationId: operation.id,
        cycle: order.cycle,
        owner,
        host: order.host,
        backend: order.backend,
        ...(isCloud ? { provider: isCloudProvider(workspace.provider) ? workspace.provider : 'aws' } : {}),
        sealedCredentials: cipher.seal(JSON.stringify(credentials)),
        nonceHash: tokenHash(credentials.nonce),
      },
    });
    // Only agents' tokens turn with the box; a token somebody made for a script outlives a restart.
    await revokeTokens(tx, workspace.id, 'agent');
    // In a cloud it has no file to be put into: the first register brings it, and until then there is none.
    if (!isCloud)
      await storeToken(tx, { workspaceId: workspace.id, plain: credentials.token, purpose: 'agent', boxId });
    const inbound = cipher.seal(credentials.inboundSecret);
    // The status is written again: an agent of an earlier box may have turned the row since the request was taken in.
    const current = await changeStatus(
      tx,
      workspace.id,
      'restartByHand',
      Prisma.sql`, box_id = ${boxId}::uuid, box_operation_id = ${operation.id}::uuid, host = ${order.host}, backend = ${order.backend},
        platform_inbound_secret = ${inbound}, liveness_expires_at = NULL`,
    );
    if (!current) return null;
    if (workspace.status !== 'provisioning')
      await announceProvisioning(tx, workspace, `${operation.id}:${order.cycle}:mint`);
    await recordStep(tx, {
      operationId: operation.id,
      cycle: order.cycle,
      step: 'mint',
      state: 'done',
      detail: `box ${boxId}`,
    });
    return { boxId };
  });
}
