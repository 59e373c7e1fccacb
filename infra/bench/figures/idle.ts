import { setTimeout as pause } from 'node:timers/promises';
import type { Figure } from '../figure.ts';
import { each, fixedRate, now } from '../load.ts';
import { postgresPid } from '../processor-times.ts';
import { percentile } from '../statistics.ts';
import { usageOf, usageOfTree } from '../usage.ts';
import { beatBody, insertOnline } from '../workspaces.ts';

const WORKSPACES = 10_000;
const PERIOD_SECONDS = 30;
const CONNECTIONS = 200;
/** A gateway looks a token up every four minutes: of eight beats, seven find it known. */
const KNOWN_TOKENS = 7 / 8;
/** For what was busy a moment ago to calm down. */
const REST_MS = 3_000;

export const idle: Figure = {
  name: 'idle',
  title: `${WORKSPACES} idle workspaces, each with a beat every ${PERIOD_SECONDS} s`,
  comparison: 'the same processes without any workspace',
  goal: 'Ten thousand idle workspaces cost less than half a core of the gateway and less than 1 GB in all our processes.',
  async run({ stage, tell }) {
    await stage.store.reset();
    await stage.gateway.restart();
    await stage.workers.startReal('none');
    await pause(REST_MS);
    const look = () => ({
      at: now(),
      gateway: usageOf(stage.gateway.pid),
      worker: usageOf(stage.workers.pid ?? -1),
      postgres: usageOfTree(postgresPid(stage)),
    });
    const empty = look();
    const agents = await insertOnline(stage, WORKSPACES);
    const requests = agents.map(({ id, token }) => ({ body: beatBody(id), token }));
    const client = stage.gateway.client(CONNECTIONS);
    const beat = async (turn: number): Promise<void> => {
      await client.expect(200, { method: 'POST', path: '/registry/heartbeat', ...requests[turn] });
    };
    await each(CONNECTIONS, WORKSPACES * KNOWN_TOKENS, beat);
    await pause(REST_MS);
    tell(`one round of beats, ${PERIOD_SECONDS} s`);
    const before = look();
    const load = await fixedRate(WORKSPACES / PERIOD_SECONDS, WORKSPACES, beat);
    const after = look();
    client.close();
    await stage.store.reset();
    await stage.workers.stop();
    const megabytes = (...bytes: number[]): number => bytes.reduce((sum, one) => sum + one, 0) / 1e6;
    const share = (of: 'gateway' | 'worker' | 'postgres'): number =>
      ((after[of].cpuMs - before[of].cpuMs) / (after.at - before.at)) * 100;
    const without = (value: number) => ({ what: 'no workspace', value });
    return [
      {
        name: 'memory of the gateway',
        value: megabytes(after.gateway.bytes),
        unit: 'MB',
        against: without(megabytes(empty.gateway.bytes)),
      },
      {
        name: 'memory of the worker',
        value: megabytes(after.worker.bytes),
        unit: 'MB',
        against: without(megabytes(empty.worker.bytes)),
      },
      {
        name: 'memory of both',
        value: megabytes(after.gateway.bytes, after.worker.bytes),
        unit: 'MB',
        against: without(megabytes(empty.gateway.bytes, empty.worker.bytes)),
        target: { atMost: 1_000 },
      },
      { name: 'processor of the gateway', value: share('gateway'), unit: '% of a core', target: { atMost: 50 } },
      { name: 'processor of the worker', value: share('worker'), unit: '% of a core' },
      { name: 'processor of Postgres', value: share('postgres'), unit: '% of a core' },
      { name: 'answer to a beat, p95', value: percentile(load.latencies, 95), unit: 'ms' },
    ];
  },
};
