import { randomUUID } from 'node:crypto';
import type { Tx } from '@holdfast/prisma';
import { failures } from '@holdfast/workflows/failure/failures';
import { recordEvent } from '../event/event-records.ts';
import { Refusal } from '../failure/refusal.ts';
import { insertOperation } from '../operation/intake.ts';
import type { Cipher } from '../secret/cipher.ts';
import { checkSecretName, checkSecretValue } from '../secret/secret-names.ts';
import { writeWorkspaceSecret } from '../secret/workspace-secrets.ts';
import { newToken, storeToken } from '../token/tokens.ts';
import { changeStatus } from './status-change.ts';
import { lockWorkspace, shareParent } from './workspace-row.ts';

/** A workspace as asked for, its fields already validated and defaulted. */
export interface NewWorkspace {
  name: string;
  role: string | null;
  tier: number;
  runtime: string;
  template: string | null;
  model: string | null;
  external: boolean;
  /** External workspaces only; already checked against the address policy. */
  url: string | null;
  workspaceDir: string | null;
  workspaceAccess: 'none' | 'read_only' | 'read_write';
  parentId: string | null;
  /** US cents. */
  budgetLimit: number | null;
  maxConcurrentTasks: number;
  deliveryMode: 'push' | 'poll';
  compute: Record<string, unknown> | null;
  secrets: Record<string, string>;
  canvas: { x: number; y: number };
  memories: { scope: string; content: string }[];
}

export interface CreateContext {
  readonly cipher: Cipher;
  readonly orgId: string;
  readonly actor: string;
}

export type Created =
  | { id: string; status: 'provisioning'; operationId: string; awarenessNamespace: string; workspaceAccess: string }
  | { id: string; status: 'online'; external: true }
  | { id: string; status: 'awaiting_agent'; external: true; token: string };

/**
 * Creates a workspace with everything that belongs to it, and, when the platform runs its box, the operation that
 * provisions it: all in the caller's transaction, so that there is never a row without its secrets or its operation.
 * @throws Refusal INVALID_REQUEST when the parent is not there
 */
export async function createWorkspace(tx: Tx, input: NewWorkspace, context: CreateContext): Promise<Created> {
  const id = randomUUID();
  if (input.parentId) {
    const parent = await shareParent(tx, input.parentId);
    if (!parent || parent === 'removed') {
      throw new Refusal('INVALID_REQUEST', 'invalid workspace payload', {
        detail: 'the parent workspace does not exist',
      });
    }
  }
  await insertRows(tx, id, input, context);
  const workspace = await lockWorkspace(tx, id);
  if (!workspace) throw new Error('a row just inserted is there');
  await recordEvent(tx, {
    workspaceId: id,
    type: 'WORKSPACE_PROVISIONING',
    payload: { name: input.name, tier: input.tier, runtime: input.runtime },
  });
  if (input.external) return announceExternal(tx, id, input);
  const operationId = await insertOperation(
    tx,
    workspace,
    { kind: 'provision', actor: context.actor, reason: 'create' },
    'owner',
  );
  return {
    id,
    status: 'provisioning',
    operationId,
    awarenessNamespace: awarenessNamespace(id),
    workspaceAccess: input.workspaceAccess,
  };
}

const awarenessNamespace = (id: string): string => `workspace:${id}`;

/** A parent may not vanish between the check and the commit. */
async function insertRows(tx: Tx, id: string, input: NewWorkspace, context: CreateContext): Promise<void> {
  await tx.workspace.createMany({
    data: {
      id,
      orgId: context.orgId,
      name: input.name,
      role: input.role,
      tier: input.tier,
      status: 'provisioning',
      parentId: input.parentId,
      awarenessNamespace: awarenessNamespace(id),
      runtime: input.runtime,
      template: input.template,
      model: input.model,
      workspaceDir: input.workspaceDir,
      workspaceAccess: input.workspaceAccess,
      budgetLimit: input.budgetLimit,
      maxConcurrentTasks: input.maxConcurrentTasks,
      deliveryMode: input.deliveryMode,
      ...(input.compute ? { compute: input.compute as object } : {}),
    },
  });
  for (const [key, value] of Object.entries(input.secrets)) {
    checkSecretName(key);
    checkSecretValue(value);
    await writeWorkspaceSecret(tx, context.cipher, { workspaceId: id, key, value });
  }
  await tx.canvasLayout.createMany({ data: { workspaceId: id, ...input.canvas } });
  if (input.memories.length > 0)
    await tx.agentMemory.createMany({ data: input.memories.map((m) => ({ ...m, workspaceId: id })) });
}

async function announceExternal(tx: Tx, id: string, input: NewWorkspace): Promise<Created> {
  if (input.url) {
    await tx.$executeRaw`UPDATE workspaces SET url = ${input.url} WHERE id = ${id}::uuid`;
    if (!(await changeStatus(tx, id, 'externalWithUrl'))) throw new Error(failures.INTERNAL.says);
    await recordEvent(tx, { workspaceId: id, type: 'WORKSPACE_ONLINE', payload: { name: input.name, external: true } });
    return { id, status: 'online', external: true };
  }
  if (!(await changeStatus(tx, id, 'externalWithoutUrl'))) throw new Error(failures.INTERNAL.says);
  const token = newToken();
  await storeToken(tx, { workspaceId: id, plain: token, purpose: 'agent' });
  await recordEvent(tx, {
    workspaceId: id,
    type: 'WORKSPACE_AWAITING_AGENT',
    payload: { name: input.name, external: true },
  });
  return { id, status: 'awaiting_agent', external: true, token };
}
