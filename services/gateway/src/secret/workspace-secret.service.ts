import { Inject, Injectable } from '@nestjs/common';
import type { Cipher } from '@holdfast/activities/secret/cipher';
import { readModel } from '@holdfast/activities/secret/model';
import { secretBundle } from '@holdfast/activities/secret/secret-bundle';
import {
  changeModel,
  type Followed,
  setWorkspaceSecret,
  unsetWorkspaceSecret,
} from '@holdfast/activities/secret/secret-changes';
import { listWorkspaceSecrets } from '@holdfast/activities/secret/workspace-secrets';
import type { Database, Tx } from '@holdfast/prisma';
import type { FastifyRequest } from 'fastify';
import { actorOf } from '../auth/caller.ts';
import { AfterCommit } from '../core/after-commit.ts';
import { CIPHER, DATABASE } from '../core/parts.ts';
import { Answer } from '../http/answer.ts';
import { Idempotency } from '../idempotency/idempotency.ts';
import type { ModelSet, ModelView } from './model.dto.ts';
import { type SaveSecret, type SecretDeleted, type SecretSaved, type SecretView, toSecretView } from './secret.dto.ts';

@Injectable()
export class WorkspaceSecretService {
  constructor(
    @Inject(DATABASE) private readonly db: Database,
    @Inject(CIPHER) private readonly cipher: Cipher,
    private readonly once: Idempotency,
    private readonly after: AfterCommit,
  ) {}

  async list(workspaceId: string): Promise<SecretView[]> {
    return (await listWorkspaceSecrets(this.db, workspaceId)).map(toSecretView);
  }

  save(request: FastifyRequest, workspaceId: string, { key, value }: SaveSecret): Promise<Answer<SecretSaved>> {
    const actor = actorOf(request.caller);
    return this.change(request, workspaceId, async (tx) => {
      const restart = await setWorkspaceSecret(tx, this.cipher, { workspaceId, key, value, actor });
      return { status: 'saved', key, ...named(restart) };
    });
  }

  remove(request: FastifyRequest, workspaceId: string, key: string): Promise<Answer<SecretDeleted>> {
    const actor = actorOf(request.caller);
    return this.change(request, workspaceId, async (tx) => {
      const restart = await unsetWorkspaceSecret(tx, { workspaceId, key, actor });
      return { status: 'deleted', key, ...named(restart) };
    });
  }

  values(workspaceId: string): Promise<Record<string, string>> {
    return secretBundle(this.db, this.cipher, workspaceId);
  }

  async model(workspaceId: string): Promise<ModelView> {
    const model = await readModel(this.db, this.cipher, workspaceId);
    return model === null ? { model: '', source: 'default' } : { model, source: 'workspace_secrets' };
  }

  setModel(request: FastifyRequest, workspaceId: string, model: string): Promise<Answer<ModelSet>> {
    const actor = actorOf(request.caller);
    return this.change(request, workspaceId, async (tx) => {
      const { status, restart } = await changeModel(tx, this.cipher, { workspaceId, model, actor });
      return { status, ...(status === 'saved' ? { model } : {}), ...named(restart) };
    });
  }

  /** A change commits with the restart that it needs; after that its workspace is poked. */
  private async change<T extends { operation_id?: string | undefined }>(
    request: FastifyRequest,
    workspaceId: string,
    change: (tx: Tx) => Promise<T>,
  ): Promise<Answer<T>> {
    const answer = await this.once.inTransaction(request, async (tx) => new Answer(200, await change(tx)));
    if (answer.body.operation_id !== undefined) this.after.poke(workspaceId);
    return answer;
  }
}

/** The restart by its name; there is none for what does not run, or not here. */
const named = (restart: Followed): { operation_id?: string } =>
  restart === null ? {} : { operation_id: restart.operationId };
