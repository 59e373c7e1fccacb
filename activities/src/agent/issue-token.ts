import type { Tx } from '@holdfast/prisma';
import type { Cipher } from '../secret/cipher.ts';
import { newToken, storeToken } from '../token/tokens.ts';

/**
 * The token of a box whose agent proved itself by the nonce and so has none: the one minted with the box, or, when
 * that can no longer be opened, a new one. Asked before the sealed copy is erased.
 */
export async function issueBoxToken(
  tx: Tx,
  cipher: Cipher,
  of: { workspaceId: string; boxId: string | null },
): Promise<string> {
  const minted = of.boxId ? await mintedToken(tx, cipher, of.boxId) : null;
  const plain = minted ?? newToken();
  await storeToken(tx, {
    workspaceId: of.workspaceId,
    plain,
    purpose: 'agent',
    ...(of.boxId ? { boxId: of.boxId } : {}),
  });
  return plain;
}

async function mintedToken(tx: Tx, cipher: Cipher, boxId: string): Promise<string | null> {
  const box = await tx.box.findUnique({ where: { id: boxId }, select: { sealedCredentials: true } });
  if (!box?.sealedCredentials) return null;
  try {
    return (JSON.parse(cipher.open(box.sealedCredentials)) as { token: string }).token;
  } catch {
    return null;
  }
}
