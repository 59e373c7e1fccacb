import { expireExternalLiveness, staleAfterSeconds } from '@holdfast/activities/loop/external-liveness';
import { hibernateIdle } from '@holdfast/activities/loop/hibernation';
import { listHosts } from '@holdfast/activities/loop/hosts';
import { expireLiveness } from '@holdfast/activities/loop/liveness';
import { restartOffline } from '@holdfast/activities/loop/offline';
import { failLateProvisions } from '@holdfast/activities/loop/provision-timeout';
import { defaultRetention, dropOldRecords } from '@holdfast/activities/loop/retention';
import { checkReality } from '@holdfast/activities/operation/reality-check';
import type { HostLoopPort, LoopPort } from '@holdfast/workflows/loop/ports';
import { hostLoopsOf } from './host-loops.ts';
import type { LoopParts } from './loop-parts.ts';
import type { LoopSchedule, RetiredLoop } from './schedules.ts';
import { looping, type ScheduledLoop, scheduleOf, ticking } from './ticking.ts';

/** The loops that touch rows only: any worker may tick them. */
function rowLoops({ config, db, client, poker, log, deadlineMs }: LoopParts) {
  const context = { db, poker, log };
  const staleAfter = staleAfterSeconds(config.REMOTE_LIVENESS_STALE_AFTER, log);
  const loop = <T extends object>(
    type: keyof LoopPort,
    name: string,
    periodMs: number,
    tick: () => Promise<T>,
  ): ScheduledLoop<T> => ({ type, name, periodMs, tick });
  return {
    checkReality: loop('checkReality', 'reality-check', config.REALITY_CHECK_INTERVAL_MS, async () => ({
      lost: (await checkReality(db, client, poker)).length,
    })),
    failLateProvisions: loop(
      'failLateProvisions',
      'provision-timeout-sweep',
      config.PROVISION_TIMEOUT_INTERVAL_MS,
      () => failLateProvisions(context, deadlineMs),
    ),
    expireLiveness: loop('expireLiveness', 'liveness-monitor', config.LIVENESS_INTERVAL_MS, () =>
      expireLiveness(context),
    ),
    expireExternalLiveness: loop('expireExternalLiveness', 'remote-liveness', config.REMOTE_LIVENESS_INTERVAL_MS, () =>
      expireExternalLiveness(context, staleAfter),
    ),
    restartOffline: loop('restartOffline', 'offline-restarts', config.OFFLINE_RESTART_INTERVAL_MS, () =>
      restartOffline(context),
    ),
    hibernateIdle: loop('hibernateIdle', 'hibernation-monitor', config.HIBERNATION_INTERVAL_MS, () =>
      hibernateIdle(context, { abandonedMs: config.HIBERNATION_ABANDONED_MS }),
    ),
    dropOldRecords: loop('dropOldRecords', 'retention', config.RETENTION_INTERVAL_MS, () =>
      dropOldRecords(db, { ...defaultRetention, eventDays: config.EVENTS_RETENTION_DAYS }),
    ),
  };
}

/** The ticks that Temporal schedules. */
export function scheduledLoops(parts: LoopParts): {
  loops: LoopPort;
  hostLoops: Partial<HostLoopPort>;
  schedules: LoopSchedule[];
  /** What an earlier worker may have had and is not wanted any more. */
  retired: RetiredLoop[];
} {
  const { config, db, log } = parts;
  const rows = rowLoops(parts);
  const host = hostLoopsOf(parts);
  const ticks = Object.fromEntries(
    Object.entries(rows).map(([type, loop]) => [type, ticking<object>(parts, loop)]),
  ) as unknown as Omit<LoopPort, 'listHosts'>;
  return {
    loops: { ...ticks, listHosts: looping(log, 'hosts', (kinds) => listHosts(db, kinds)) },
    hostLoops: host.activities,
    retired: host.retired,
    schedules: [...Object.values(rows).map((loop) => scheduleOf(config.HOLDFAST_OWNER, loop)), ...host.schedules],
  };
}
