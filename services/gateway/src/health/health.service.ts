import { Inject, Injectable } from '@nestjs/common';
import type { Database } from '@holdfast/prisma';
import { DATABASE, type GatewaySettings, PING_TEMPORAL, type Parts, SETTINGS } from '../core/parts.ts';
import { Answer } from '../http/answer.ts';
import type { BackendsView, LivenessView, ReadyView } from './health.dto.ts';

const PING_MS = 1_000;
const SECOND_MS = 1_000;

@Injectable()
export class HealthService {
  constructor(
    @Inject(DATABASE) private readonly db: Database,
    @Inject(PING_TEMPORAL) private readonly pingTemporal: Parts['pingTemporal'],
    @Inject(SETTINGS) private readonly settings: GatewaySettings,
  ) {}

  /** Ready means that requests are answered: Postgres decides, Temporal and backends may come later. */
  async ready(): Promise<Answer<ReadyView>> {
    const [backends, temporal] = await Promise.all([
      this.backends().catch(() => null),
      this.pingTemporal(PING_MS).then(
        () => 'up' as const,
        () => 'down' as const,
      ),
    ]);
    const present = backends?.filter(({ away }) => !away).map(({ kind }) => kind) ?? [];
    return new Answer(backends ? 200 : 503, {
      status: backends ? 'ready' : 'unavailable',
      database: backends ? 'up' : 'down',
      temporal,
      backends: [...new Set(present)].sort(),
    });
  }

  async liveness(): Promise<LivenessView> {
    const loops = await this.db.$queryRaw<
      {
        name: string;
        period_ms: number;
        last_tick_at: Date;
        seconds_ago: number;
        detail: Record<string, unknown> | null;
      }[]
    >`
      SELECT name, period_ms, last_tick_at, detail, floor(extract(epoch FROM clock_timestamp() - last_tick_at))::int AS seconds_ago
      FROM loops ORDER BY name`;
    return {
      subsystems: Object.fromEntries(
        loops.map((loop) => [
          loop.name,
          {
            last_tick_at: loop.last_tick_at.toISOString(),
            seconds_ago: Math.max(0, loop.seconds_ago),
            stale: loop.seconds_ago * SECOND_MS > 2 * loop.period_ms,
            detail: loop.detail ?? {},
          },
        ]),
      ),
    };
  }

  /** What each worker host serves, and whether it was seen lately. */
  async backends(): Promise<BackendsView> {
    const rows = await this.db.$queryRaw<{ host: string; kind: string; seen_at: Date; age_ms: number }[]>`
      SELECT host, kind, seen_at, (extract(epoch FROM clock_timestamp() - seen_at) * 1000)::float8 AS age_ms
      FROM backends ORDER BY host, kind`;
    return rows.map(({ host, kind, seen_at, age_ms }) => ({
      host,
      kind,
      seen_at: seen_at.toISOString(),
      away: age_ms > this.settings.backendSeenMs,
    }));
  }
}
