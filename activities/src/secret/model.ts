import type { Tx } from '@holdfast/prisma';
import { Refusal } from '../failure/refusal.ts';
import { lockLiveWorkspace } from '../workspace/live-workspace.ts';
import type { Cipher } from './cipher.ts';
import { MODEL_KEY, checkSecretValue } from './secret-names.ts';
import { openSecret } from './secret-values.ts';
import { writeWorkspaceSecret } from './workspace-secrets.ts';

/**
 * The model a workspace was told to use instead of its runtime's default; null when it was told none. Global secrets
 * are not asked.
 * @throws Refusal INTERNAL when it is there but cannot be read
 */
export async function readModel(tx: Tx, cipher: Cipher, workspaceId: string): Promise<string | null> {
  const row = await tx.workspaceSecret.findUnique({ where: { workspaceId_key: { workspaceId, key: MODEL_KEY } } });
  if (!row) return null;
  try {
    return openSecret(cipher, row);
  } catch {
    throw new Refusal('INTERNAL', 'failed to decrypt');
  }
}

/**
 * Sets the model of a workspace; the text is the runtime's own and is not understood here. Empty clears it.
 * @throws Refusal INVALID_REQUEST or WORKSPACE_NOT_FOUND
 */
export async function writeModel(
  tx: Tx,
  cipher: Cipher,
  workspaceId: string,
  model: string,
): Promise<'saved' | 'cleared'> {
  checkSecretValue(model);
  await lockLiveWorkspace(tx, workspaceId);
  if (model === '') {
    await tx.workspaceSecret.deleteMany({ where: { workspaceId, key: MODEL_KEY } });
    return 'cleared';
  }
  await writeWorkspaceSecret(tx, cipher, { workspaceId, key: MODEL_KEY, value: model });
  return 'saved';
}
