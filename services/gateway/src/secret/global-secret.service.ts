import { Inject, Injectable } from '@nestjs/common';
import type { Cipher } from '@holdfast/activities/secret/cipher';
import { listGlobalSecrets } from '@holdfast/activities/secret/global-secrets';
import { setGlobalSecret, unsetGlobalSecret } from '@holdfast/activities/secret/secret-changes';
import type { Database, Tx } from '@holdfast/prisma';
import type { FastifyRequest } from 'fastify';
import { actorOf } from '../auth/caller.ts';
import { AfterCommit } from '../core/after-commit.ts';
import { CIPHER, DATABASE } from '../core/parts.ts';
import { Answer } from '../http/answer.ts';
import { Idempotency } from '../idempotency/idempotency.ts';
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
    private readonly once: Idempotency,
    private readonly after: AfterCommit,
  ) {}

  async list(): Promise<SecretView[]> {
    return (await listGlobalSecrets(this.db)).map(toSecretView);
  }

  save(request: FastifyRequest, { key, value }: SaveSecret): Promise<Answer<GlobalSecretSaved>> {
    const actor = actorOf(request.caller);
    return this.change(request, { status: 'saved', key, scope: 'global' }, (tx) =>
      setGlobalSecret(tx, this.cipher, { key, value, actor }),
    );
  }

  remove(request: FastifyRequest, key: string): Promise<Answer<GlobalSecretDeleted>> {
    const actor = actorOf(request.caller);
    return this.change(request, { status: 'deleted', key, scope: 'global' }, (tx) =>
      unsetGlobalSecret(tx, { key, actor }),
    );
  }

  /** A change commits with the restarts that it needs; after that their workspaces are poked. */
  private async change<T>(
    request: FastifyRequest,
    body: T,
    change: (tx: Tx) => Promise<readonly string[]>,
  ): Promise<Answer<T>> {
    let restarted: readonly string[] = [];
    const answer = await this.once.inTransaction(request, async (tx) => {
      restarted = await change(tx);
      return new Answer(200, body);
    });
    for (const workspaceId of restarted) this.after.poke(workspaceId);
    return answer;
  }
}
