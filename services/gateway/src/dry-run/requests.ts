import { Injectable } from '@nestjs/common';
import type { Tx } from '@holdfast/prisma';
import type { FastifyRequest } from 'fastify';
import { AfterCommit } from '../core/after-commit.ts';
import { Answer } from '../http/answer.ts';
import type { AnswerOf } from '../idempotency/answer-of.ts';
import { Idempotency } from '../idempotency/idempotency.ts';
import type { Change, DryRun, DryRunQuery, PlannedVerb } from './dry-run.dto.ts';
import { lastOperation, readPlan, type Target } from './plan.ts';

/** What an intake has decided. */
export interface Taken<A extends Answer | AnswerOf> {
  readonly answer: A;
  /** The status the request is answered with, as far as it is known when it is taken in. */
  readonly status: string;
  readonly targets: readonly Target[];
  /** What a plan tells of it besides. */
  readonly change?: Change;
  /** Where several workspaces are changed as one: the root of their tree, which is poked then. */
  readonly treeRoot?: string;
}

type Intake<A extends Answer | AnswerOf> = (tx: Tx) => Promise<Taken<A>>;

/** Takes in what callers ask of workspaces: for good, or as a plan that nothing of remains. */
@Injectable()
export class Requests {
  constructor(
    private readonly once: Idempotency,
    private readonly after: AfterCommit,
  ) {}

  /**
   * Runs an intake in one transaction, once for each Idempotency-Key, and tells Temporal about it after the commit. With
   * `dry_run` the very same intake runs, what it did is read, and all of it is taken back.
   * @param intake may run again when Postgres asks for that, so it has no effects outside of `tx`
   */
  take<T>(
    request: FastifyRequest,
    verb: PlannedVerb,
    query: DryRunQuery,
    intake: Intake<Answer<T>>,
  ): Promise<Answer<T | DryRun>>;
  take<T, M>(
    request: FastifyRequest,
    verb: PlannedVerb,
    query: DryRunQuery,
    intake: Intake<Answer<T> | AnswerOf<M>>,
  ): Promise<Answer<T | DryRun> | AnswerOf<M>>;
  async take<T, M>(
    request: FastifyRequest,
    verb: PlannedVerb,
    query: DryRunQuery,
    intake: Intake<Answer<T> | AnswerOf<M>>,
  ): Promise<Answer<T | DryRun> | AnswerOf<M>> {
    if (query.dry_run === 'true') return new Answer(200, await this.once.rehearse((tx) => planOf(tx, verb, intake)));
    let taken: Taken<Answer<T> | AnswerOf<M>> | undefined;
    const answer = await this.once.inTransaction<T, M>(request, async (tx) => {
      taken = await intake(tx);
      return taken.answer;
    });
    if (taken) this.tellTemporal(taken);
    return answer;
  }

  private tellTemporal({ targets, treeRoot }: Pick<Taken<Answer>, 'targets' | 'treeRoot'>): void {
    if (treeRoot !== undefined) return this.after.pokeTree(treeRoot);
    for (const { workspaceId, operationId } of targets) if (operationId !== null) this.after.poke(workspaceId);
  }
}

async function planOf(tx: Tx, verb: PlannedVerb, intake: Intake<Answer | AnswerOf>): Promise<DryRun> {
  const before = await lastOperation(tx);
  const { status, targets, change } = await intake(tx);
  return {
    dry_run: true,
    verb,
    status,
    targets: await readPlan(tx, targets, before),
    ...(change === undefined ? {} : { change }),
  };
}
