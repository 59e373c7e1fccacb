import pg from 'pg';
import { operationChannel } from '@holdfast/activities/operation/notices';
import { startBare } from '../bare.ts';
import type { Figure } from '../figure.ts';
import { fixedRate, now } from '../load.ts';
import { percentile } from '../statistics.ts';
import { insertOnline } from '../workspaces.ts';

const PER_SECOND = 20;
const CONNECTIONS = 100;

export const deletes: Figure = {
  name: 'delete',
  title: `Delete, ${PER_SECOND} a second`,
  comparison: 'a bare server that makes one durable row of the request',
  async run({ stage, seconds, tell }) {
    const count = PER_SECOND * seconds;
    tell('the bare server');
    const bare = await startBare(stage, { status: 200, body: '{"status":"removed"}', stores: true });
    const bareClient = bare.client(CONNECTIONS);
    const request = { method: 'DELETE', path: '/workspaces/a', body: '{}' } as const;
    await bareClient.expect(200, request);
    const floor = await fixedRate(PER_SECOND, count, async () => void (await bareClient.expect(200, request)));
    bareClient.close();
    await bare.stop();

    tell('deletes');
    await stage.workers.startNull();
    await stage.store.reset();
    const workspaces = await insertOnline(stage, count);
    // The answer waits for the end of the operation; that it was accepted, Postgres announces with the commit.
    const announced = new Map<string, number>();
    const listener = new pg.Client(stage.store.url);
    await listener.connect();
    listener.on('notification', ({ payload = '' }) => announced.has(payload) || announced.set(payload, now()));
    await listener.query(`LISTEN ${operationChannel}`);
    const client = stage.gateway.client(CONNECTIONS);
    const accepted: number[] = [];
    const answered = await fixedRate(PER_SECOND, count, async (turn) => {
      const sent = now();
      const answer = await client.expect(200, { method: 'DELETE', path: `/workspaces/${workspaces[turn]?.id}` });
      const { operation_id: operation } = JSON.parse(answer.body.toString()) as { operation_id: string };
      accepted.push((announced.get(operation) ?? Number.NaN) - sent);
    });
    await listener.end();
    client.close();
    await stage.store.reset();
    await stage.workers.stop();
    return [50, 95].flatMap((percent) => {
      const against = { what: 'one row', value: percentile(floor.latencies, percent) };
      const target = percent === 95 ? { target: { atMost: 25 } } : {};
      return [
        { name: `accepted, p${percent}`, value: percentile(accepted, percent), unit: 'ms', against, ...target },
        {
          name: `answered, all stopped, p${percent}`,
          value: percentile(answered.latencies, percent),
          unit: 'ms',
          against,
        },
      ] as const;
    });
  },
};
