import { Inject, Injectable } from '@nestjs/common';
import type { Cipher } from '@holdfast/activities/secret/cipher';
import { deleteGlobalSecret, listGlobalSecrets, saveGlobalSecret } from '@holdfast/activities/secret/global-secrets';
import type { Database } from '@holdfast/prisma';
import type { FastifyRequest } from 'fastify';
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
  ) {}

  async list(): Promise<SecretView[]> {
    return (await listGlobalSecrets(this.db)).map(toSecretView);
  }

  save(request: FastifyRequest, { key, value }: SaveSecret): Promise<Answer<GlobalSecretSaved>> {
    return this.once.inTransaction(request, async (tx) => {
      await saveGlobalSecret(tx, this.cipher, { key, value });
      return new Answer(200, { status: 'saved', key, scope: 'global' });
    });
  }

  remove(request: FastifyRequest, key: string): Promise<Answer<GlobalSecretDeleted>> {
    return this.once.inTransaction(request, async (tx) => {
      await deleteGlobalSecret(tx, key);
      return new Answer(200, { status: 'deleted', key, scope: 'global' });
    });
  }
}
