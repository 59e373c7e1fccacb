import { startBare } from '../bare.ts';
import type { Figure } from '../figure.ts';
import { Client, fixedRate } from '../load.ts';
import { percentile } from '../statistics.ts';
import { createWorkspace } from '../workspaces.ts';

const PER_SECOND = 20;
const CONNECTIONS = 50;
const WARM_UP = 20;

export const create: Figure = {
  name: 'create',
  title: `Create accepted, ${PER_SECOND} a second`,
  comparison: 'a bare server that makes one durable row of the request',
  goal: 'At 20 creates a second, all being carried out meanwhile, 99 of 100 are accepted within 50 ms.',
  async run({ stage, seconds, tell }) {
    const measure = async (client: Client): Promise<number[]> => {
      for (let turn = 0; turn < WARM_UP; turn += 1) await createWorkspace(client, 'warm-up');
      const { latencies } = await fixedRate(PER_SECOND, PER_SECOND * seconds, async (turn) => {
        await createWorkspace(client, `workspace ${turn}`);
      });
      client.close();
      return latencies;
    };
    tell('the bare server');
    const body = '{"id":"00000000-0000-0000-0000-000000000000"}';
    const bare = await startBare(stage, { status: 201, body, stores: true });
    const floor = await measure(bare.client(CONNECTIONS));
    await bare.stop();
    tell('creates while the worker is away');
    const away = await measure(stage.gateway.client(CONNECTIONS));
    tell('what was created is brought up');
    await stage.workers.startNull();
    await stage.store.reset();
    tell('creates while all of them are brought up');
    const busy = await measure(stage.gateway.client(CONNECTIONS));
    await stage.store.reset();
    await stage.workers.stop();
    return [50, 95, 99].flatMap((percent) => {
      const against = { what: 'one row', value: percentile(floor, percent) };
      const target = percent === 99 ? { target: { atMost: 50 } } : {};
      return [
        { name: `worker away, p${percent}`, value: percentile(away, percent), unit: 'ms', against },
        {
          name: `all brought up meanwhile, p${percent}`,
          value: percentile(busy, percent),
          unit: 'ms',
          against,
          ...target,
        },
      ] as const;
    });
  },
};
