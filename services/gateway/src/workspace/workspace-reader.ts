import { Inject, Injectable } from '@nestjs/common';
import { Refusal } from '@holdfast/activities/failure/refusal';
import { provisionTimeouts } from '@holdfast/activities/workspace/template-catalogue';
import { listWorkspaces, readStatus, readWorkspace } from '@holdfast/activities/workspace/workspace-views';
import type { Database } from '@holdfast/prisma';
import type { GatewayConfig } from '../config.ts';
import { CONFIG, DATABASE } from '../core/parts.ts';
import { gathered } from '../database/gathered.ts';
import { Answer, JsonText } from '../http/answer.ts';
import type { WorkspaceState } from './workspace.dto.ts';

/** Reads of workspaces. */
@Injectable()
export class WorkspaceReader {
  /** Templates are read once in the life of the process. */
  private timeouts: Promise<ReadonlyMap<string, number>> | undefined;
  private readonly readList: () => Promise<JsonText>;

  constructor(
    @Inject(CONFIG) private readonly config: GatewayConfig,
    @Inject(DATABASE) private readonly db: Database,
  ) {
    this.readList = gathered(async () => new JsonText(await listWorkspaces(this.db, await this.declaredTimeouts())));
  }

  list(): Promise<JsonText> {
    return this.readList();
  }

  async get(id: string): Promise<JsonText> {
    const text = await readWorkspace(this.db, id, await this.declaredTimeouts());
    if (text === null) throw new Refusal('WORKSPACE_NOT_FOUND', 'workspace not found');
    return new JsonText(text);
  }

  /** What an agent asks to learn whether it is still wanted. */
  async state(id: string): Promise<Answer<WorkspaceState>> {
    const status = await readStatus(this.db, id);
    if (status === null) throw new Refusal('WORKSPACE_NOT_FOUND', undefined, { workspace_id: id, deleted: true });
    if (status === 'removed')
      throw new Refusal('WORKSPACE_NOT_FOUND', undefined, { workspace_id: id, status, deleted: true });
    return new Answer(200, { workspace_id: id, status, paused: status === 'paused', deleted: false });
  }

  private declaredTimeouts(): Promise<ReadonlyMap<string, number>> {
    return (this.timeouts ??= provisionTimeouts(this.config.CONFIGS_DIR));
  }
}
