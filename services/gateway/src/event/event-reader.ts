import { Inject, Injectable } from '@nestjs/common';
import { listEvents } from '@holdfast/activities/event/event-list';
import { Refusal } from '@holdfast/activities/failure/refusal';
import type { Database } from '@holdfast/prisma';
import { DATABASE } from '../core/parts.ts';
import type { EventsView } from './event.dto.ts';

@Injectable()
export class EventReader {
  constructor(@Inject(DATABASE) private readonly db: Database) {}

  async list(workspaceId?: string): Promise<EventsView> {
    const lines = await listEvents(this.db, workspaceId);
    return lines.map(({ created_at, ...line }) => ({ ...line, created_at: created_at.toISOString() }));
  }

  /** @throws Refusal WORKSPACE_NOT_FOUND */
  async mustExist(workspaceId: string): Promise<void> {
    const row = await this.db.workspace.findUnique({ where: { id: workspaceId }, select: { id: true } });
    if (!row) throw new Refusal('WORKSPACE_NOT_FOUND', 'workspace not found');
  }
}
