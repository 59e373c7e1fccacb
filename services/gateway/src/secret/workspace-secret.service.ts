import { Inject, Injectable } from '@nestjs/common';
import type { Cipher } from '@holdfast/activities/secret/cipher';
import { readModel, writeModel } from '@holdfast/activities/secret/model';
import { secretBundle } from '@holdfast/activities/secret/secret-bundle';
import {
  deleteWorkspaceSecret,
  listWorkspaceSecrets,
  saveWorkspaceSecret,
} from '@holdfast/activities/secret/workspace-secrets';
import type { Database } from '@holdfast/prisma';
import type { FastifyRequest } from 'fastify';
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
  ) {}

  async list(workspaceId: string): Promise<SecretView[]> {
    return (await listWorkspaceSecrets(this.db, workspaceId)).map(toSecretView);
  }

  save(request: FastifyRequest, workspaceId: string, { key, value }: SaveSecret): Promise<Answer<SecretSaved>> {
    return this.once.inTransaction(request, async (tx) => {
      await saveWorkspaceSecret(tx, this.cipher, { workspaceId, key, value });
      return new Answer(200, { status: 'saved', key });
    });
  }

  remove(request: FastifyRequest, workspaceId: string, key: string): Promise<Answer<SecretDeleted>> {
    return this.once.inTransaction(request, async (tx) => {
      await deleteWorkspaceSecret(tx, workspaceId, key);
      return new Answer(200, { status: 'deleted', key });
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
    return this.once.inTransaction(request, async (tx) => {
      const status = await writeModel(tx, this.cipher, workspaceId, model);
      return new Answer(200, status === 'saved' ? { status, model } : { status });
    });
  }
}
