import { Inject, Injectable } from '@nestjs/common';
import { Refusal } from '@holdfast/activities/failure/refusal';
import type { Sweep, SweepOrder } from '@holdfast/workflows/loop/sweep';
import type { FastifyRequest } from 'fastify';
import { type GatewaySettings, LOOP_RUNS, SETTINGS } from '../core/parts.ts';
import type { LoopRuns } from '../core/loop-runs.ts';
import { Idempotency } from '../idempotency/idempotency.ts';
import type { SweepQuery, SweepReport } from './sweep.dto.ts';

/** Compares the ledger with what the hosts really have, on demand; the workers do it. */
@Injectable()
export class SweepService {
  constructor(
    @Inject(LOOP_RUNS) private readonly loops: LoopRuns,
    @Inject(SETTINGS) private readonly settings: GatewaySettings,
    private readonly once: Idempotency,
  ) {}

  async sweep(query: SweepQuery, request: FastifyRequest): Promise<SweepReport> {
    const order: SweepOrder = { dryRun: query.dry_run === 'true', force: query.force === 'true' };
    const id = `sweep:${this.once.nameOf(request)}`;
    const found = (await this.loops.run('sweepBoxes', order, id, this.settings.answerWaitMs)) as Sweep;
    const report = view(found);
    // A host that stopped itself did nothing; what the others did stands, and the answer says both.
    if (report.stopped && !report.dry_run) throw new Refusal('SWEEP_REFUSED', undefined, { ...report });
    return report;
  }
}

const view = ({ dryRun, stopped, hosts, findings }: Sweep): SweepReport => ({
  dry_run: dryRun,
  stopped,
  hosts: hosts.map(({ host, fleet, orphans, done, stopped: itself, why, failed, away }) => ({
    host,
    fleet,
    orphans,
    done,
    stopped: itself,
    why: [...why],
    failed: [...failed],
    away,
  })),
  findings: findings.map(({ host, kind, boxId, workspaceId, backend, what, action, done }) => ({
    host,
    kind,
    box_id: boxId,
    workspace_id: workspaceId,
    backend,
    what,
    action,
    done,
  })),
});
