import type { HostLoops } from '@holdfast/activities/box/host-loops';
import type { HostLoopPort } from '@holdfast/workflows/loop/ports';
import type { SweepTick } from '@holdfast/workflows/loop/sweep';
import type { LoopParts } from './loop-parts.ts';
import type { LoopSchedule, RetiredLoop } from './schedules.ts';
import { alive, looping, type ScheduledLoop, scheduleOf, ticking } from './ticking.ts';

/** Where ticks on a host may take long: images are pulled. */
const WATCH_LIMIT_MINUTES = 15;

/** Loops that a host may have or not. */
const optional = ['health-sweep', 'orphan-sweeper', 'image-auto-refresh'];

type Tick = Exclude<keyof HostLoopPort, 'sweepHost' | 'refreshHost'>;

/** The loops of this host's boxes. A host without a backend has boxes to owe at most. */
export function hostLoopsOf(parts: LoopParts): {
  activities: Partial<HostLoopPort>;
  schedules: LoopSchedule[];
  /** What an earlier worker of this host may have had and is not wanted any more. */
  retired: RetiredLoop[];
} {
  const { config, log, hostLoops, finishOwed } = parts;
  const { HOLDFAST_HOST: host, HOLDFAST_OWNER: owner } = config;
  const owed: ScheduledLoop<object> = {
    name: `owed-boxes:${host}`,
    type: 'finishOwedBoxes' satisfies Tick,
    periodMs: config.OWED_BOXES_INTERVAL_MS,
    tick: finishOwed,
  };
  const watched = hostLoops ? boxLoops(parts, hostLoops) : [];
  const all = [owed, ...watched];
  const wanted = new Set(all.map(({ name }) => name));
  return {
    activities: {
      ...Object.fromEntries(all.map((loop) => [loop.type, ticking(parts, loop)])),
      ...(hostLoops
        ? {
            sweepHost: looping(log, 'sweep', (order) => alive(() => hostLoops.sweep(order))),
            refreshHost: looping(log, 'image refresh', (order) => alive(() => hostLoops.refresh(order))),
          }
        : {}),
    },
    schedules: all.map((loop) => scheduleOf(owner, loop, [{ host }])),
    retired: optional
      .map((name) => `${name}:${host}`)
      .filter((name) => !wanted.has(name))
      .map((name) => ({ name, id: `${owner}:${name}` })),
  };
}

function boxLoops({ config }: LoopParts, loops: HostLoops): ScheduledLoop<object>[] {
  const host = config.HOLDFAST_HOST;
  const sweep = async (): Promise<SweepTick> => {
    const { findings: _findings, host: _host, ...report } = await loops.sweep({ dryRun: false, force: false });
    return report;
  };
  return [
    {
      name: `health-sweep:${host}`,
      type: 'checkHealth' satisfies Tick,
      periodMs: config.HEALTH_SWEEP_INTERVAL_MS,
      tick: loops.checkHealth,
    },
    {
      name: `orphan-sweeper:${host}`,
      type: 'sweepOrphans' satisfies Tick,
      periodMs: config.ORPHAN_SWEEP_INTERVAL_MS,
      atOnce: true,
      tick: sweep,
    },
    ...(config.IMAGE_AUTO_REFRESH
      ? [
          {
            name: `image-auto-refresh:${host}`,
            type: 'watchImages' satisfies Tick,
            periodMs: config.IMAGE_WATCH_INTERVAL_MS,
            atOnce: true,
            limitMinutes: WATCH_LIMIT_MINUTES,
            tick: loops.watchImages,
          },
        ]
      : []),
  ];
}
