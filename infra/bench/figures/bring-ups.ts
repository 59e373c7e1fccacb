import { Endings } from '../endings.ts';
import type { Figure, Row } from '../figure.ts';
import { Floor } from '../floor.ts';
import { closedLoop, type Load } from '../load.ts';
import { percentile } from '../statistics.ts';
import { createWorkspace } from '../workspaces.ts';

const AT_A_TIME = [20, 50];
const WARM_UP_SECONDS = 2;

export const bringUps: Figure = {
  name: 'bring-ups',
  title: 'Bring-ups on a null backend, from the request to the end of the operation',
  comparison: 'a workflow with two activities and a signal on the same Temporal server, and nothing in Postgres',
  async run({ stage, seconds, tell }) {
    const measure = async (what: string, one: () => Promise<void>): Promise<Map<number, Load>> => {
      const loads = new Map<number, Load>();
      for (const callers of AT_A_TIME) {
        tell(`${what}, ${callers} at a time`);
        await closedLoop(callers, WARM_UP_SECONDS, one);
        loads.set(callers, await closedLoop(callers, seconds, one));
      }
      return loads;
    };
    await stage.nullWorker();
    const client = stage.client(Math.max(...AT_A_TIME));
    const endings = new Endings(stage);
    const ours = await measure('bring-ups', async () => {
      await endings.succeeded((await createWorkspace(client, 'a workspace')).operation_id);
    });
    await stage.reset();
    await stage.stopWorker();
    client.close();
    const floor = await Floor.start(stage);
    const bare = await measure('the bare workflow', async () => void (await floor.run()));
    await floor.stop();
    return AT_A_TIME.flatMap((callers) => rows(callers, ours.get(callers), bare.get(callers)));
  },
};

function rows(callers: number, ours: Load | undefined, bare: Load | undefined): Row[] {
  if (!ours || !bare) return [];
  const what = 'bare workflow';
  return [
    {
      name: `${callers} at a time`,
      value: ours.perSecond,
      unit: '/s',
      against: { what, value: bare.perSecond },
      target: { atLeast: 20 },
    },
    {
      name: `${callers} at a time, p50 of one`,
      value: percentile(ours.latencies, 50),
      unit: 'ms',
      against: { what, value: percentile(bare.latencies, 50) },
    },
  ];
}
