import { Inject, Injectable } from '@nestjs/common';
import type { Cipher } from '@holdfast/activities/secret/cipher';
import { listGlobalSecrets } from '@holdfast/activities/secret/global-secrets';
import { setGlobalSecret, unsetGlobalSecret } from '@holdfast/activities/secret/secret-changes';
import type { Database } from '@holdfast/prisma';
import type { FastifyRequest } from 'fastify';
import { actorOf } from '../auth/caller.ts';
import { CIPHER, DATABASE } from '../core/parts.ts';
import type { DryRun, DryRunQuery } from '../dry-run/dry-run.dto.ts';
import type { Target } from '../dry-run/plan.ts';
import { Requests, type Taken } from '../dry-run/requests.ts';
import { Answer } from '../http/answer.ts';
import {
  type GlobalSecretDeleted,
  type GlobalSecretSaved,
  type SaveSecret,
  type SecretView,
  toSecretView,
} from './secret.dto.ts';

@Injectable()
export class GlobalSecretService {
  constructor(
    @Inject(DATABASE) private readonly db: Database,
    @Inject(CIPHER) private readonly cipher: Cipher,
    private readonly requests: Requests,
  ) {}

  async list(): Promise<SecretView[]> {
    return (await listGlobalSecrets(this.db)).map(toSecretView);
  }

  save(
    request: FastifyRequest,
    { key, value }: SaveSecret,
    query: DryRunQuery,
  ): Promise<Answer<GlobalSecretSaved | DryRun>> {
    const actor = actorOf(request.caller);
    return this.requests.take<GlobalSecretSaved>(request, 'set-secret', query, async (tx) =>
      taken({ status: 'saved', key, scope: 'global' }, await setGlobalSecret(tx, this.cipher, { key, value, actor })),
    );
  }

  remove(request: FastifyRequest, key: string, query: DryRunQuery): Promise<Answer<GlobalSecretDeleted | DryRun>> {
    const actor = actorOf(request.caller);
    return this.requests.take<GlobalSecretDeleted>(request, 'delete-secret', query, async (tx) =>
      taken({ status: 'deleted', key, scope: 'global' }, await unsetGlobalSecret(tx, { key, actor })),
    );
  }
}

/** A change commits with the restarts that it needs. */
function taken<T extends GlobalSecretSaved | GlobalSecretDeleted>(
  body: T,
  targets: readonly Target[],
): Taken<Answer<T>> {
  const { status, key, scope } = body;
  return { answer: new Answer(200, body), status, targets, change: { key, scope } };
}
