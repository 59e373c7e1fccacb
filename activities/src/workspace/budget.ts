import type { Tx } from '@holdfast/prisma';
import { Refusal } from '../failure/refusal.ts';

/** In US cents a month. */
export interface Budget {
  /** Null is no limit. */
  readonly limit: number | null;
  readonly spend: number;
}

/** @throws Refusal WORKSPACE_NOT_FOUND, also for one that is removed */
export async function readBudget(tx: Tx, workspaceId: string): Promise<Budget> {
  const row = await tx.workspace.findFirst({
    where: { id: workspaceId, status: { not: 'removed' } },
    select: { budgetLimit: true, monthlySpend: true },
  });
  if (!row) throw notFound();
  return budgetOf(row.budgetLimit, row.monthlySpend);
}

/**
 * Sets what a workspace may spend; nothing else of it changes, its deadlines included.
 * @param limit whole US cents, or null for no limit
 * @throws Refusal WORKSPACE_NOT_FOUND, also for one that is removed
 */
export async function writeBudget(tx: Tx, workspaceId: string, limit: number | null): Promise<Budget> {
  const [row] = await tx.$queryRaw<{ budget_limit: bigint | null; monthly_spend: bigint }[]>`
    UPDATE workspaces SET budget_limit = ${limit}::bigint WHERE id = ${workspaceId}::uuid AND status <> 'removed'
    RETURNING budget_limit, monthly_spend`;
  if (!row) throw notFound();
  return budgetOf(row.budget_limit, row.monthly_spend);
}

const notFound = (): Refusal => new Refusal('WORKSPACE_NOT_FOUND', 'workspace not found');

const budgetOf = (limit: bigint | null, spend: bigint): Budget => ({
  limit: limit === null ? null : Number(limit),
  spend: Number(spend),
});
