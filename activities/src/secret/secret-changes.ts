import type { Tx } from '@holdfast/prisma';
import { lockUnderAncestors } from '../workspace/guards.ts';
import { requestRestartAfter } from '../workspace/request-restart.ts';
import { requestRestartsAfterGlobalChange, type Restarted } from '../workspace/request-restarts.ts';
import type { Cipher } from './cipher.ts';
import { deleteGlobalSecret, saveGlobalSecret } from './global-secrets.ts';
import { writeModel } from './model.ts';
import { MODEL_KEY } from './secret-names.ts';
import { deleteWorkspaceSecret, saveWorkspaceSecret } from './workspace-secrets.ts';

// What people change through the API. Each change commits together with the restart that brings it to the agent: no
// crash keeps the one without the other.

/** The restart that follows a change; null where nothing is to be restarted. */
export type Followed = { readonly operationId: string } | null;

interface Change {
  readonly workspaceId: string;
  readonly key: string;
  readonly actor: string;
}

/** @throws Refusal INVALID_REQUEST or WORKSPACE_NOT_FOUND */
export async function setWorkspaceSecret(
  tx: Tx,
  cipher: Cipher,
  change: Change & { readonly value: string },
): Promise<Followed> {
  await lockForRestart(tx, change.workspaceId);
  await saveWorkspaceSecret(tx, cipher, change);
  return restart(tx, change, `secret ${change.key} saved`);
}

/** @throws Refusal NOT_FOUND when the workspace has no secret of that name */
export async function unsetWorkspaceSecret(tx: Tx, change: Change): Promise<Followed> {
  await lockForRestart(tx, change.workspaceId);
  await deleteWorkspaceSecret(tx, change.workspaceId, change.key);
  return restart(tx, change, `secret ${change.key} deleted`);
}

/**
 * Sets or, with an empty text, clears the model; clearing one that was not set restarts as well.
 * @throws Refusal INVALID_REQUEST or WORKSPACE_NOT_FOUND
 */
export async function changeModel(
  tx: Tx,
  cipher: Cipher,
  { workspaceId, model, actor }: { workspaceId: string; model: string; actor: string },
): Promise<{ status: 'saved' | 'cleared'; restart: Followed }> {
  await lockForRestart(tx, workspaceId);
  const status = await writeModel(tx, cipher, workspaceId, model);
  return { status, restart: await restart(tx, { workspaceId, key: MODEL_KEY, actor }, `model ${status}`) };
}

/**
 * @returns the restarts of the workspaces that it reaches, which are to be poked
 * @throws Refusal INVALID_REQUEST
 */
export async function setGlobalSecret(
  tx: Tx,
  cipher: Cipher,
  { key, value, actor }: { key: string; value: string; actor: string },
): Promise<Restarted[]> {
  await saveGlobalSecret(tx, cipher, { key, value });
  return requestRestartsAfterGlobalChange(tx, { key, actor, reason: `global secret ${key} saved` });
}

/**
 * @returns the restarts of the workspaces that it reached, which are to be poked
 * @throws Refusal NOT_FOUND when there is none of that name
 */
export async function unsetGlobalSecret(tx: Tx, { key, actor }: { key: string; actor: string }): Promise<Restarted[]> {
  await deleteGlobalSecret(tx, key);
  return requestRestartsAfterGlobalChange(tx, { key, actor, reason: `global secret ${key} deleted` });
}

/** What a restart locks, before the change locks its row alone: taken later the rows above would be out of order. */
const lockForRestart = (tx: Tx, workspaceId: string): Promise<unknown> => lockUnderAncestors(tx, workspaceId);

const restart = (tx: Tx, { workspaceId, actor }: Change, reason: string): Promise<Followed> =>
  requestRestartAfter(tx, { workspaceId, actor, reason, cause: 'change' });
