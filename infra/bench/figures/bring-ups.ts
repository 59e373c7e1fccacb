import { Endings } from '../endings.ts';
import type { Figure, Row } from '../figure.ts';
import { Floor } from '../floor.ts';
import { closedLoop, each, type Load } from '../load.ts';
import { percentile } from '../statistics.ts';
import { type ProcessorTimes, processorTimes, spentForOne, sumOf, temporalTime } from '../processor-times.ts';
import { usageOf } from '../usage.ts';
import { createWorkspace } from '../workspaces.ts';

const AT_A_TIME = [20, 50] as const;
/** Code that has run a few times only is slow code. */
const WARM_UP = 200;

/** `spent` is for one of them. */
type Measured = Load & { readonly spent: ProcessorTimes };

export const bringUps: Figure = {
  name: 'bring-ups',
  title: 'Bring-ups on a null backend, from the request to the end of the operation',
  comparison: 'a workflow with two activities and a signal on the same Temporal server, and nothing in Postgres',
  goal: 'Our own work allows at least 20 bring-ups a second.',
  async run({ stage, seconds, tell }) {
    const measure = async (
      what: string,
      one: () => Promise<void>,
      times: () => ProcessorTimes,
    ): Promise<Measured[]> => {
      const loads: Measured[] = [];
      tell(`${what}, warming up`);
      await each(AT_A_TIME[0], WARM_UP, one);
      for (const callers of AT_A_TIME) {
        tell(`${what}, ${callers} at a time`);
        const before = times();
        const load = await closedLoop(callers, seconds, one);
        const spent = spentForOne(before, times(), load.latencies.length);
        loads.push({ ...load, spent });
      }
      return loads;
    };
    await stage.workers.startNull();
    const client = stage.gateway.client(Math.max(...AT_A_TIME));
    const endings = new Endings(stage);
    const bringUp = async (): Promise<void> =>
      endings.succeeded((await createWorkspace(client, 'a workspace')).operation_id);
    const ours = await measure('bring-ups', bringUp, () => processorTimes(stage));
    await stage.store.reset();
    await stage.workers.stop();
    client.close();
    const floor = await Floor.start(stage);
    const bareTimes = () => ({ worker: usageOf(floor.pid).cpuMs, temporal: temporalTime(stage) });
    const bare = await measure('the bare workflow', async () => void (await floor.run()), bareTimes);
    await floor.stop();
    return AT_A_TIME.flatMap((callers, place) => rows(callers, ours[place], bare[place]));
  },
};

const what = 'bare workflow';

function rows(callers: number, ours: Measured | undefined, bare: Measured | undefined): Row[] {
  if (!ours || !bare) return [];
  const name = `${callers} at a time`;
  const against = (value: number) => ({ what, value });
  const p50 = against(percentile(bare.latencies, 50));
  return [
    { name, value: ours.perSecond, unit: '/s', against: against(bare.perSecond), target: { atLeast: 20 } },
    { name: `${name}, p50 of one`, value: percentile(ours.latencies, 50), unit: 'ms', against: p50 },
    // What else the machine does changes the other figures, and these little.
    {
      name: `${name}, processor time for one`,
      value: sumOf(ours.spent),
      unit: 'ms',
      against: against(sumOf(bare.spent)),
    },
    ...Object.entries(ours.spent).map(([who, value]): Row => {
      const other = bare.spent[who];
      return {
        name: `    of it ${who}`,
        value,
        unit: 'ms',
        ...(other === undefined ? {} : { against: against(other) }),
      };
    }),
  ];
}
