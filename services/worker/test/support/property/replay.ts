import type { AuditedTable, Change } from './audit.ts';

/** What one transaction did to one workspace. */
export interface Transaction {
  readonly tx: string;
  readonly at: number;
  readonly workspaceId: string;
  readonly changes: readonly Change[];
}

/** The transactions of each workspace, in the order of their commits. */
export function transactionsOf(audit: readonly Change[]): Map<string, Transaction[]> {
  const byWorkspace = new Map<string, Map<string, Change[]>>();
  for (const change of audit) {
    const transactions = byWorkspace.get(change.workspaceId) ?? new Map<string, Change[]>();
    byWorkspace.set(change.workspaceId, transactions);
    transactions.set(change.tx, [...(transactions.get(change.tx) ?? []), change]);
  }
  return new Map(
    [...byWorkspace].map(([workspaceId, transactions]) => [
      workspaceId,
      [...transactions].map(([tx, changes]) => ({ tx, at: changes[0]!.at, workspaceId, changes })),
    ]),
  );
}

export const changesOf = ({ changes }: Transaction, table: AuditedTable): Change[] =>
  changes.filter((change) => change.table === table);

export const changed = ({ before, after }: Change, column: string): boolean => before?.[column] !== after?.[column];

/** The value after a change; null for a row that is gone. */
export const text = (change: Change, column: string): string | null => {
  const value = change.after?.[column] ?? null;
  return value === null ? null : String(value);
};

export const isOpen = (state: unknown): boolean => state === 'accepted' || state === 'running';
