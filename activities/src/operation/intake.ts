import { randomUUID } from 'node:crypto';
import type { Tx } from '@holdfast/prisma';
import { failures } from '@holdfast/workflows/failure/failures';
import { intakeMatrix, type RequestableKind } from '@holdfast/workflows/operation/matrix';
import type { OperationKind } from '@holdfast/workflows/operation/operation';
import { Refusal } from '../failure/refusal.ts';
import type { WorkspaceRow } from '../workspace/workspace-row.ts';
import { announceOperation } from './notices.ts';
import { openOwner, type OperationRow, queuedOperations } from './operation-row.ts';

export interface OperationRequest {
  readonly kind: OperationKind;
  /** Who asks, as the audit shows it: `admin-token`, `org-token:<prefix>`, `session`, `workspace:<id>`. */
  readonly actor: string;
  readonly reason?: string;
  /** The request that this is a part of, where it changes several workspaces; and the workspace they are below. */
  readonly parentId?: string;
  readonly treeRoot?: string;
  /** Small facts the steps need. Never a secret. */
  readonly facts?: Record<string, unknown>;
}

/** What became of a request. `operationId` is the one whose outcome answers it. */
export type Intake =
  | { readonly decision: 'run' | 'preempt'; readonly operationId: string }
  | { readonly decision: 'queue'; readonly operationId: string; readonly behind: string }
  | { readonly decision: 'join'; readonly operationId: string };

/**
 * Decides a request on the locked row of its workspace. The verb's own guards come before, its status write and
 * event after, both in the same transaction.
 * @throws Refusal OPERATION_IN_PROGRESS or WORKSPACE_NOT_FOUND, by the matrix; nothing is written then
 */
export async function takeIn(
  tx: Tx,
  workspace: WorkspaceRow,
  request: OperationRequest & { kind: RequestableKind },
): Promise<Intake> {
  const owner = await openOwner(tx, workspace);
  const decision = intakeMatrix[owner?.kind ?? 'none'][request.kind];
  switch (decision) {
    case 'run':
      return { decision, operationId: await insertOperation(tx, workspace, request, 'owner') };
    case 'preempt': {
      const operationId = await insertOperation(tx, workspace, request, 'owner');
      await supersede(tx, workspace.id, operationId);
      return { decision, operationId };
    }
    case 'queue':
      return {
        decision,
        operationId: await insertOperation(tx, workspace, request, 'queued'),
        behind: ownerOf(owner).id,
      };
    case 'join':
      return { decision, operationId: ownerOf(owner).id };
    case 'joinInsteadOfQueued':
      return joinInsteadOfQueued(tx, workspace, ownerOf(owner));
    case 'refuse':
      throw inProgress(ownerOf(owner));
    case 'notFound':
      throw new Refusal('WORKSPACE_NOT_FOUND', 'workspace not found');
    case 'impossible':
      throw new Error(`the guards of ${request.kind} let it meet a running ${owner?.kind}`);
  }
}

/** Inserts an operation; as owner it takes the workspace over in the same statement pair. */
export async function insertOperation(
  tx: Tx,
  workspace: WorkspaceRow,
  request: OperationRequest,
  place: 'owner' | 'queued',
): Promise<string> {
  const id = randomUUID();
  await tx.$executeRaw`
    INSERT INTO operations (id, org_id, workspace_id, kind, state, parent_id, tree_root, actor, reason, request, prior_status, prior_provider,
                            prior_box_id, next_poke_at)
    VALUES (${id}::uuid, ${workspace.org_id}, ${workspace.id}::uuid, ${request.kind}::operation_kind, 'accepted',
            ${request.parentId ?? null}::uuid, ${request.treeRoot ?? null}::uuid, ${request.actor}, ${request.reason ?? null}, ${JSON.stringify(request.facts ?? {})}::jsonb,
            ${workspace.status}::workspace_status, ${workspace.provider}, ${workspace.box_id}::uuid,
            clock_timestamp() + interval '2 seconds')`;
  if (place === 'owner') {
    await tx.$executeRaw`UPDATE workspaces SET operation_id = ${id}::uuid WHERE id = ${workspace.id}::uuid`;
  }
  await announceOperation(tx, id);
  return id;
}

/** Ends everything open on the workspace but the successor. */
async function supersede(tx: Tx, workspaceId: string, by: string): Promise<void> {
  const ended = await tx.$queryRaw<{ id: string }[]>`
    UPDATE operations SET state = 'superseded', superseded_by = ${by}::uuid, ended_at = clock_timestamp()
    WHERE workspace_id = ${workspaceId}::uuid AND state IN ('accepted', 'running') AND id <> ${by}::uuid
    RETURNING id`;
  for (const { id } of ended) await announceOperation(tx, id);
}

async function joinInsteadOfQueued(tx: Tx, workspace: WorkspaceRow, owner: OperationRow): Promise<Intake> {
  const queued = await queuedOperations(tx, workspace.id, owner.id);
  if (queued.length === 0) throw new Refusal('WORKSPACE_NOT_FOUND', 'workspace not found');
  for (const operation of queued) {
    await tx.$executeRaw`
      UPDATE operations SET state = 'superseded', superseded_by = ${owner.id}::uuid, ended_at = clock_timestamp()
      WHERE id = ${operation.id}::uuid`;
    await announceOperation(tx, operation.id);
  }
  return { decision: 'join', operationId: owner.id };
}

function ownerOf(owner: OperationRow | null): OperationRow {
  if (!owner) throw new Error('the matrix joins or queues only behind a running operation');
  return owner;
}

const inProgress = (owner: OperationRow): Refusal =>
  new Refusal('OPERATION_IN_PROGRESS', failures.OPERATION_IN_PROGRESS.says, {
    operation_id: owner.id,
    operation_kind: owner.kind,
    phase: owner.phase ?? owner.state,
  });
