import { Inject, Injectable } from '@nestjs/common';
import { Refusal } from '@holdfast/activities/failure/refusal';
import type { Database } from '@holdfast/prisma';
import type { RefreshedEverywhere, RefreshOrder } from '@holdfast/workflows/loop/images';
import type { FastifyRequest } from 'fastify';
import { actorOf } from '../auth/caller.ts';
import type { LoopRuns } from '../core/loop-runs.ts';
import { DATABASE, type GatewaySettings, LOOP_RUNS, SETTINGS } from '../core/parts.ts';
import type { DryRun } from '../dry-run/dry-run.dto.ts';
import { Idempotency } from '../idempotency/idempotency.ts';
import { type RefreshedImages, type RefreshQuery, refreshableRuntimes } from './image.dto.ts';

/** Pulls the images of boxes anew; the workers that have an engine do it. */
@Injectable()
export class ImageService {
  constructor(
    @Inject(DATABASE) private readonly db: Database,
    @Inject(LOOP_RUNS) private readonly loops: LoopRuns,
    @Inject(SETTINGS) private readonly settings: GatewaySettings,
    private readonly once: Idempotency,
  ) {}

  /** However long the pulls take: who asks wants to know what came of them. */
  async refresh(query: RefreshQuery, request: FastifyRequest): Promise<RefreshedImages | DryRun> {
    const { runtime, recreate = 'true' } = query;
    // Where no worker has an engine there are no images, and so there is no such route.
    if ((await this.db.backend.count({ where: { kind: 'docker' } })) === 0) throw new Refusal('NOT_FOUND');
    if (runtime && !refreshableRuntimes.some((known) => known === runtime)) {
      throw new Refusal('UNKNOWN_RUNTIME', `unknown runtime: ${runtime}`, { known_runtimes: refreshableRuntimes });
    }
    const order = {
      runtimes: runtime ? [runtime] : refreshableRuntimes,
      recreate: recreate === 'true',
      actor: actorOf(request.caller),
    } satisfies RefreshOrder;
    if (query.dry_run === 'true') return this.plan(order);
    const id = `images:${this.once.nameOf(request)}`;
    const done = (await this.loops.run('refreshImages', order, id, this.settings.answerWaitMs)) as RefreshedEverywhere;
    const result = resultOf(order.runtimes, done);
    if (done.error !== undefined) throw new Refusal('IMAGE_REFRESH_FAILED', done.error, { partial_result: result });
    return result;
  }

  /** Which workspaces have an older image only the engines can tell, once they have pulled. */
  private async plan({ runtimes = [], recreate }: RefreshOrder): Promise<DryRun> {
    const change = { runtimes: [...runtimes], hosts: await this.hosts(), recreate };
    return { dry_run: true, verb: 'refresh-images', status: 'refreshed', targets: [], change };
  }

  private async hosts(): Promise<string[]> {
    const where = { kind: 'docker' };
    const rows = await this.db.backend.findMany({ where, distinct: ['host'], orderBy: { host: 'asc' } });
    return rows.map(({ host }) => host);
  }
}

/** A host that is away has none of the new images, so that none is refreshed: what is not known to be pulled has failed. */
function resultOf(asked: readonly string[], { pulled, recreated, away }: RefreshedEverywhere): RefreshedImages {
  const isPulled = (runtime: string): boolean => away.length === 0 && pulled.includes(runtime);
  return {
    pulled: asked.filter(isPulled),
    failed: asked.filter((runtime) => !isPulled(runtime)),
    recreated: [...recreated],
  };
}
