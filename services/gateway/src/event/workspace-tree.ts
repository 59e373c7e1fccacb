import { Inject, Injectable } from '@nestjs/common';
import { DEEPEST_TREE } from '@holdfast/activities/workspace/hierarchy';
import type { Database } from '@holdfast/prisma';
import { DATABASE } from '../core/parts.ts';
import { gathered } from '../database/gathered.ts';

/** A workspace that changed its parent is noticed within this time, in milliseconds. */
const FRESH_MS = 5_000;

/**
 * Who stands where, for the many small questions of sockets: whether an agent may hear of a workspace. Removed ones
 * keep their place, so that those around them hear of the removal.
 */
@Injectable()
export class WorkspaceTree {
  private parents = new Map<string, string | null>();
  private readAt = -Infinity;
  /** Reads the tree; callers that come meanwhile share the next read. */
  readonly read = gathered(() => this.readAll());

  constructor(@Inject(DATABASE) private readonly db: Database) {}

  /** Whether questions about this workspace can be answered without another read. */
  isReady(workspaceId: string): boolean {
    return performance.now() - this.readAt < FRESH_MS && this.parents.has(workspaceId);
  }

  /** The same one, siblings (roots are siblings of each other), or one above the other. */
  mayHear(listener: string, workspaceId: string): boolean {
    if (listener === workspaceId) return true;
    const [one, other] = [this.parents.get(listener), this.parents.get(workspaceId)];
    if (one === undefined || other === undefined) return false;
    return one === other || this.isAbove(listener, other) || this.isAbove(workspaceId, one);
  }

  private isAbove(id: string, from: string | null): boolean {
    let above: string | null | undefined = from;
    for (let steps = 0; above && steps < DEEPEST_TREE; steps += 1) {
      if (above === id) return true;
      above = this.parents.get(above);
    }
    return false;
  }

  private async readAll(): Promise<void> {
    const rows = await this.db.$queryRaw<
      { id: string; parent_id: string | null }[]
    >`SELECT id, parent_id FROM workspaces`;
    this.parents = new Map(rows.map(({ id, parent_id }) => [id, parent_id]));
    this.readAt = performance.now();
  }
}
