import { type Client, WorkflowNotFoundError } from '@temporalio/client';
import type { Database } from '@holdfast/prisma';
import { pokeSignal, workflowId, workflowTypes } from '@holdfast/workflows/operation/operation';
import { searchAttributesOf } from '@holdfast/workflows/operation/search-attributes';
import { treeAttributesOf, treeWorkflowId } from '@holdfast/workflows/operation/tree-input';
import { TypedSearchAttributes } from '@temporalio/common';
import { lockFreeOwner } from './owner.ts';
import { inputOf, type OperationRow } from './operation-row.ts';
import type { Poker } from './poker.ts';
import { openTree } from './tree.ts';

export interface PokerOptions {
  readonly taskQueue: string;
  /** How long the server waits for a worker that took a workflow task and died, in milliseconds. */
  readonly workflowTaskTimeoutMs: number;
  /** How long Temporal may take to answer before the poke counts as failed, in milliseconds; 10 s by default. */
  readonly answerWithinMs?: number;
}

/** A server that takes calls and never answers must not hold up those who poke or look. */
export const ANSWER_WITHIN_MS = 10_000;

/** A run may close between the look and the signal; then the next look finds the next owner. */
const LOOKS = 5;

export function createPoker(client: () => Promise<Client>, db: Database, options: PokerOptions): Poker {
  const withinMs = options.answerWithinMs ?? ANSWER_WITHIN_MS;
  const poker: Poker = {
    async pokeTree(rootId) {
      const tree = await openTree(db, rootId);
      // Members that an earlier request began belong to that one: then there may be none of this.
      if (!tree) return poker.poke(rootId);
      const temporal = await client();
      await temporal.withDeadline(Date.now() + withinMs, () =>
        temporal.workflow.signalWithStart(tree.input.type, {
          workflowId: treeWorkflowId(rootId),
          taskQueue: options.taskQueue,
          workflowTaskTimeout: options.workflowTaskTimeoutMs,
          signal: pokeSignal,
          args: [tree.input],
          typedSearchAttributes: new TypedSearchAttributes(treeAttributesOf(tree.input)),
          staticSummary: `${tree.input.type} ${tree.name}`,
        }),
      );
    },
    async poke(workspaceId) {
      for (let look = 0; look < LOOKS; look += 1) {
        const owner = await lockFreeOwner(db, workspaceId);
        if (!owner) return;
        const temporal = await client();
        const inTime = <T>(call: () => Promise<T>): Promise<T> => temporal.withDeadline(Date.now() + withinMs, call);
        if (owner.operation.state === 'accepted') {
          const input = inputOf(owner.operation, owner.provider);
          // Atomic: starts the run, or reaches the one that holds the id and will hand over to this operation.
          await inTime(() =>
            temporal.workflow.signalWithStart(workflowTypes[input.kind], {
              workflowId: workflowId(workspaceId),
              taskQueue: options.taskQueue,
              workflowTaskTimeout: options.workflowTaskTimeoutMs,
              signal: pokeSignal,
              args: [input],
              typedSearchAttributes: new TypedSearchAttributes(searchAttributesOf(input)),
              staticSummary: `${input.kind} ${owner.name}`,
            }),
          );
          return;
        }
        try {
          // A running owner is only signalled, never started: its run id is the fence.
          await inTime(() => reach(temporal, owner.operation));
          return;
        } catch (error) {
          if (!(error instanceof WorkflowNotFoundError)) throw error;
        }
      }
    },
  };
  return poker;
}

/**
 * Somebody asked for its end: then that run, and no other, is told to cancel. It is told to look as well: a run that
 * brings a workspace back after a cancellation waits for an agent like any other.
 */
async function reach(temporal: Client, operation: OperationRow): Promise<void> {
  const id = workflowId(operation.workspace_id);
  if (operation.cancel_requested_at !== null) {
    await temporal.workflow.getHandle(id, operation.run_id ?? undefined).cancel();
  }
  await temporal.workflow.getHandle(id).signal(pokeSignal);
}
