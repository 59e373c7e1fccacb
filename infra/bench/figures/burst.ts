import { waitFor } from '../../src/process/wait-for.ts';
import type { Figure } from '../figure.ts';
import { each, now } from '../load.ts';
import { percentile } from '../statistics.ts';
import { createWorkspace } from '../workspaces.ts';

const COUNT = 1_000;
const CONNECTIONS = 50;
const LIMIT_MS = 600_000;

export const burst: Figure = {
  name: 'burst',
  title: `A burst of ${COUNT} creates`,
  comparison: 'none: all of them, or not',
  goal: 'Of 1,000 creates at once every one is accepted and brought up.',
  async run({ stage, tell }) {
    await stage.workers.startNull();
    const client = stage.gateway.client(CONNECTIONS);
    tell('creating');
    const begun = now();
    const { latencies } = await each(CONNECTIONS, COUNT, async (turn) => {
      await createWorkspace(client, `workspace ${turn}`);
    });
    const accepted = now() - begun;
    client.close();
    const online = async (): Promise<number> => {
      const text = `SELECT count(*)::int AS n FROM workspaces WHERE status = 'online' AND operation_id IS NULL`;
      return (await stage.store.query<{ n: number }>(text))[0]?.n ?? 0;
    };
    tell('waiting until they are brought up');
    const all = async (): Promise<boolean> => (await online()) === COUNT;
    await waitFor(all, { timeoutMs: LIMIT_MS, everyMs: 250, what: 'the bring-up of every workspace' }).catch(
      () => undefined,
    );
    const took = now() - begun;
    const up = await online();
    await stage.store.reset();
    await stage.workers.stop();
    return [
      { name: 'accepted', value: latencies.length, unit: 'workspaces', target: { atLeast: COUNT } },
      { name: 'accepted in', value: accepted / 1_000, unit: 's' },
      { name: `answer over ${CONNECTIONS} connections, p95`, value: percentile(latencies, 95), unit: 'ms' },
      { name: 'brought up', value: up, unit: 'workspaces', target: { atLeast: COUNT } },
      { name: 'brought up in', value: took / 1_000, unit: 's' },
    ];
  },
};
