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
import type { Database } from '@holdfast/prisma';
import type { FastifyRequest } from 'fastify';
import { actorOf } from '../auth/caller.ts';
import { CIPHER, DATABASE } from '../core/parts.ts';
import type { Change, DryRun, DryRunQuery } from '../dry-run/dry-run.dto.ts';
import { Requests, type Taken } from '../dry-run/requests.ts';
import { Answer } from '../http/answer.ts';
import type { ModelSet, ModelView } from './model.dto.ts';
import { type SaveSecret, type SecretDeleted, type SecretSaved, type SecretView, toSecretView } from './secret.dto.ts';

@Injectable()
export class WorkspaceSecretService {
  constructor(
    @Inject(DATABASE) private readonly db: Database,
    @Inject(CIPHER) private readonly cipher: Cipher,
    private readonly requests: Requests,
  ) {}

  async list(workspaceId: string): Promise<SecretView[]> {
    return (await listWorkspaceSecrets(this.db, workspaceId)).map(toSecretView);
  }

  save(
    request: FastifyRequest,
    workspaceId: string,
    { key, value }: SaveSecret,
    query: DryRunQuery,
  ): Promise<Answer<SecretSaved | DryRun>> {
    const actor = actorOf(request.caller);
    return this.requests.take<SecretSaved>(request, 'set-secret', query, async (tx) => {
      const restart = await setWorkspaceSecret(tx, this.cipher, { workspaceId, key, value, actor });
      return taken(workspaceId, { status: 'saved', key, ...named(restart) }, { key, scope: 'workspace' });
    });
  }

  remove(
    request: FastifyRequest,
    workspaceId: string,
    key: string,
    query: DryRunQuery,
  ): Promise<Answer<SecretDeleted | DryRun>> {
    const actor = actorOf(request.caller);
    return this.requests.take<SecretDeleted>(request, 'delete-secret', query, async (tx) => {
      const restart = await unsetWorkspaceSecret(tx, { workspaceId, key, actor });
      return taken(workspaceId, { status: 'deleted', key, ...named(restart) }, { key, scope: 'workspace' });
    });
  }

  values(workspaceId: string): Promise<Record<string, string>> {
    return secretBundle(this.db, this.cipher, workspaceId);
  }

  async model(workspaceId: string): Promise<ModelView> {
    const model = await readModel(this.db, this.cipher, workspaceId);
    return model === null ? { model: '', source: 'default' } : { model, source: 'workspace_secrets' };
  }

  setModel(
    request: FastifyRequest,
    workspaceId: string,
    model: string,
    query: DryRunQuery,
  ): Promise<Answer<ModelSet | DryRun>> {
    const actor = actorOf(request.caller);
    return this.requests.take<ModelSet>(request, 'set-model', query, async (tx) => {
      const { status, restart } = await changeModel(tx, this.cipher, { workspaceId, model, actor });
      const isSaved = status === 'saved';
      const body: ModelSet = { status, ...(isSaved ? { model } : {}), ...named(restart) };
      return taken(workspaceId, body, { model: isSaved ? model : null });
    });
  }
}

/** A change commits with the restart that it needs. */
function taken<T extends { status: string; operation_id?: string | undefined }>(
  workspaceId: string,
  body: T,
  change: Change,
): Taken<Answer<T>> {
  const { status, operation_id: operationId = null } = body;
  return { answer: new Answer(200, body), status, targets: [{ workspaceId, operationId }], change };
}

/** The restart by its name; there is none for what does not run, or not here. */
const named = (restart: Followed): { operation_id?: string } =>
  restart === null ? {} : { operation_id: restart.operationId };
