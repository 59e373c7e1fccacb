import { randomUUID } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import type { Cipher } from '@holdfast/activities/secret/cipher';
import type { Database, Tx } from '@holdfast/prisma';
import type { FastifyRequest } from 'fastify';
import type { GatewayConfig } from '../config.ts';
import { CIPHER, CONFIG, DATABASE } from '../core/parts.ts';
import { Answer } from '../http/answer.ts';
import { AnswerOf } from './answer-of.ts';
import { claimKey, storeAnswer, storeOperation } from './key-rows.ts';
import { keyScope } from './key-scope.ts';
import { Slots } from './slots.ts';
import { isTransient } from './transient.ts';

/** Carries what a rehearsal has seen out of the transaction that must not commit. */
class Undone<T> extends Error {
  constructor(readonly seen: T) {
    super('a rehearsal never commits');
  }
}

const TRIES = 4;
const PATIENCE_MS = 30_000;
/** Part of the connections is left to reads: a burst of changes must not make the API go blind. */
const SHARE = 0.75;

/** Runs the changes of the API. Every handler that changes something goes through here. */
@Injectable()
export class Idempotency {
  private readonly slots: Slots;

  constructor(
    @Inject(CONFIG) config: GatewayConfig,
    @Inject(DATABASE) private readonly db: Database,
    @Inject(CIPHER) private readonly cipher: Cipher,
  ) {
    this.slots = new Slots(Math.max(1, Math.floor(config.DATABASE_CONNECTIONS * SHARE)), PATIENCE_MS);
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
  inTransaction<T, M>(
    request: FastifyRequest,
    change: (tx: Tx) => Promise<Answer<T> | AnswerOf<M>>,
  ): Promise<Answer<T> | AnswerOf<M>>;
  inTransaction<T, M>(
    request: FastifyRequest,
    change: (tx: Tx) => Promise<Answer<T> | AnswerOf<M>>,
  ): Promise<Answer<T> | AnswerOf<M>> {
    return this.inTurn(() => this.db.$transaction((tx) => this.once(tx, request, change)));
  }

  /**
   * Runs a change as `inTransaction` would, and takes it back: nothing is written, and nobody is told. No key counts:
   * looking twice is no repetition.
   * @returns what `change` has seen
   */
  rehearse<T>(change: (tx: Tx) => Promise<T>): Promise<T> {
    return this.inTurn(async () => {
      try {
        return await this.db.$transaction(async (tx) => {
          throw new Undone(await change(tx));
        });
      } catch (error) {
        if (error instanceof Undone) return error.seen as T;
        throw error;
      }
    });
  }

  /**
   * A name for what a request asks for where no transaction does it: the same for a repetition under one key with the
   * same payload, else one of its own.
   */
  nameOf(request: FastifyRequest): string {
    const key = keyScope(request, this.cipher);
    if (key === null) return randomUUID();
    return Buffer.concat([key.scope.subarray(0, 16), key.requestHash.subarray(0, 8)]).toString('hex');
  }

  private async inTurn<R>(work: () => Promise<R>): Promise<R> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.slots.pass(work);
      } catch (error) {
        if (attempt === TRIES || !isTransient(error)) throw error;
      }
    }
  }

  private async once<T, M>(
    tx: Tx,
    request: FastifyRequest,
    change: (tx: Tx) => Promise<Answer<T> | AnswerOf<M>>,
  ): Promise<Answer<T> | AnswerOf<M>> {
    const key = keyScope(request, this.cipher);
    if (key === null) return change(tx);
    const known = await claimKey(tx, key, this.cipher);
    if (known?.kind === 'operation') return new AnswerOf(known.operationId, known.memo as M);
    if (known) return new Answer(known.status, known.body as T, { 'idempotency-replayed': 'true' });
    const answer = await change(tx);
    if (answer instanceof AnswerOf) await storeOperation(tx, key, answer, this.cipher);
    else await storeAnswer(tx, key, answer, this.cipher);
    return answer;
  }
}
