import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import type { Cipher } from '@holdfast/activities/secret/cipher';
import type { Database, Tx } from '@holdfast/prisma';
import type { FastifyRequest } from 'fastify';
import type { GatewayConfig } from '../config.ts';
import { CIPHER, CONFIG, DATABASE } from '../core/parts.ts';
import { Answer } from '../http/answer.ts';
import { claimKey, dropOldKeys, storeAnswer, storeOperation } from './key-rows.ts';
import { keyScope } from './key-scope.ts';
import { Slots } from './slots.ts';
import { isTransient } from './transient.ts';

/** An answer that is not known when the transaction commits: it follows from how the operation ends. */
export class AnswerOf {
  constructor(readonly operationId: string) {}
}

const TRIES = 4;
const PATIENCE_MS = 30_000;
/** Part of the connections is left to reads: a burst of changes must not make the API go blind. */
const SHARE = 0.75;
const CLEAN_EVERY_MS = 3_600_000;

/** Runs the changes of the API. Every handler that changes something goes through here. */
@Injectable()
export class Idempotency implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly slots: Slots;
  private cleaning: NodeJS.Timeout | undefined;

  constructor(
    @Inject(CONFIG) config: GatewayConfig,
    @Inject(DATABASE) private readonly db: Database,
    @Inject(CIPHER) private readonly cipher: Cipher,
  ) {
    this.slots = new Slots(Math.max(1, Math.floor(config.DATABASE_CONNECTIONS * SHARE)), PATIENCE_MS);
  }

  /** Keys that are too old to count are deleted now and then; one that is used again is, in any case. */
  onApplicationBootstrap(): void {
    this.cleaning = setInterval(() => void dropOldKeys(this.db).catch(() => 0), CLEAN_EVERY_MS).unref();
  }

  onApplicationShutdown(): void {
    clearInterval(this.cleaning);
  }

  /**
   * Runs a change in one transaction and gives its answer back. Under an Idempotency-Key the answer commits together
   * with the change, sealed, so that a repetition gets the same answer and changes nothing; one that comes while the
   * first still runs waits for it. A refusal is not kept: nothing was written.
   *
   *     return this.once.inTransaction(request, async (tx) => new Answer(201, await create(tx, …)));
   *
   * What must happen after the commit, such as a poke, belongs behind the `await` of this call, and must bear to be
   * repeated. `change` may run again when Postgres asks for that, so it has no effects outside of `tx`.
   * @throws Refusal IDEMPOTENCY_MISMATCH when the key was used for another request
   */
  inTransaction<T>(request: FastifyRequest, change: (tx: Tx) => Promise<Answer<T>>): Promise<Answer<T>>;
  inTransaction<T>(
    request: FastifyRequest,
    change: (tx: Tx) => Promise<Answer<T> | AnswerOf>,
  ): Promise<Answer<T> | AnswerOf>;
  async inTransaction<T>(
    request: FastifyRequest,
    change: (tx: Tx) => Promise<Answer<T> | AnswerOf>,
  ): Promise<Answer<T> | AnswerOf> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.slots.pass(() => this.db.$transaction((tx) => this.once(tx, request, change)));
      } catch (error) {
        if (attempt === TRIES || !isTransient(error)) throw error;
      }
    }
  }

  private async once<T>(
    tx: Tx,
    request: FastifyRequest,
    change: (tx: Tx) => Promise<Answer<T> | AnswerOf>,
  ): Promise<Answer<T> | AnswerOf> {
    const key = keyScope(request, this.cipher);
    if (key === null) return change(tx);
    const known = await claimKey(tx, key, this.cipher);
    if (known?.kind === 'operation') return new AnswerOf(known.operationId);
    if (known) return new Answer(known.status, known.body as T, { 'idempotency-replayed': 'true' });
    const answer = await change(tx);
    if (answer instanceof AnswerOf) await storeOperation(tx, key, answer.operationId);
    else await storeAnswer(tx, key, answer, this.cipher);
    return answer;
  }
}
