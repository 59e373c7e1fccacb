import type { Session } from '../command/session.ts';
import { usage } from '../failure/failure.ts';
import { workspaceId } from '../workspace/reference.ts';

/** Whose secrets are meant. */
export interface ScopeOptions {
  readonly workspace?: string;
  readonly global?: true;
}

/**
 * The workspace whose secrets are meant; null for those of all workspaces.
 * @throws Failure when it is not said
 */
export async function scopeOf(session: Session, { workspace, global }: ScopeOptions): Promise<string | null> {
  if (workspace !== undefined) return workspaceId(session, workspace);
  if (global) return null;
  throw usage('Whose secrets?', 'add --workspace NAME, or --global for those of all workspaces');
}
