import { Announcements } from '../announcements.ts';
import { startBare } from '../bare.ts';
import { Endings } from '../endings.ts';
import type { Figure, FigureContext } from '../figure.ts';
import { each, fixedRate } from '../load.ts';
import { percentile } from '../statistics.ts';
import { type Verb, verbs } from '../verbs.ts';
import { WorkspaceLives } from '../workspace-lives.ts';

const PER_SECOND = 20;
const CONNECTIONS = 100;
const WARM_UP = 20;

export const answers: Figure = {
  name: 'answers',
  title: `Every verb on a null backend, ${PER_SECOND} a second, until it is accepted and until it has ended`,
  comparison: 'a bare server that makes one durable row of the request',
  goal: 'Every verb is accepted within 25 ms in 95 of 100 cases, at 20 a second.',
  async run(context) {
    const { stage, seconds, tell } = context;
    const floor = await bareRequests(context);
    await stage.workers.startNull();
    const client = stage.gateway.client(CONNECTIONS);
    const announcements = await Announcements.listen(stage);
    const parts = { stage, client, announcements, endings: new Endings(stage) };
    const warmUp = new WorkspaceLives(parts);
    for (const verb of verbs) {
      tell(`warming up: ${verb}`);
      await warmUp.prepare(verb, WARM_UP);
      await each(WARM_UP, WARM_UP, (turn) => warmUp.act(verb, turn));
    }
    const accepted = new Map<Verb, number[]>(verbs.map((verb) => [verb, []]));
    const ended = new Map<Verb, number[]>();
    const lives = new WorkspaceLives({
      ...parts,
      onAccepted: (verb, afterMs) => accepted.get(verb)?.push(afterMs),
    });
    const count = PER_SECOND * seconds;
    for (const verb of verbs) {
      tell(verb);
      await lives.prepare(verb, count);
      const { latencies } = await fixedRate(PER_SECOND, count, (turn) => lives.act(verb, turn));
      ended.set(verb, latencies);
    }
    await announcements.close();
    client.close();
    await stage.store.reset();
    await stage.workers.stop();
    return verbs.flatMap((verb) => [
      ...[50, 95].map((percent) => ({
        name: `${verb}, accepted, p${percent}`,
        value: percentile(accepted.get(verb) ?? [], percent),
        unit: 'ms' as const,
        against: { what: 'one row', value: percentile(floor, percent) },
        // A create may take longer, and has a figure of its own.
        ...(percent === 95 && verb !== 'create' ? { target: { atMost: 25 } } : {}),
      })),
      { name: `${verb}, ended, p95`, value: percentile(ended.get(verb) ?? [], 95), unit: 'ms' as const },
    ]);
  },
};

async function bareRequests({ stage, seconds, tell }: FigureContext): Promise<number[]> {
  tell('the bare server');
  const bare = await startBare(stage, { status: 200, body: '{"status":"paused"}', stores: true });
  const client = bare.client(CONNECTIONS);
  const request = { method: 'POST', path: '/workspaces/a/pause', body: '{}' } as const;
  const one = async (): Promise<void> => void (await client.expect(200, request));
  await each(1, WARM_UP, one);
  const { latencies } = await fixedRate(PER_SECOND, PER_SECOND * seconds, one);
  client.close();
  await bare.stop();
  return latencies;
}
