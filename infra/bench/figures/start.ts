import { Endings } from '../endings.ts';
import { startBare } from '../bare.ts';
import type { Figure, FigureContext } from '../figure.ts';
import { Floor } from '../floor.ts';
import { fixedRate, now } from '../load.ts';
import { percentile } from '../statistics.ts';
import { createWorkspace } from '../workspaces.ts';

const PER_SECOND = 5;
const WARM_UP = 10;
const CONNECTIONS = 20;

export const start: Figure = {
  name: 'start',
  title: `The way of one bring-up, ${PER_SECOND} a second`,
  comparison:
    'a workflow with two activities and nothing in Postgres; a bare server that stores one row and is read once',
  goal: '95 of 100 creates reach the start call of the backend within 100 ms, and show as online within 50 ms of the register.',
  async run(context) {
    const ours = await bringUps(context);
    const floor = await bareWorkflows(context);
    const stored = await bareRegisters(context);
    return [50, 95].flatMap((percent) => [
      {
        name: `POST to the start call of the backend, p${percent}`,
        value: percentile(ours.waits, percent),
        unit: 'ms' as const,
        against: { what: 'bare workflow', value: percentile(floor, percent) },
        ...(percent === 95 ? { target: { atMost: 100 } } : {}),
      },
      { name: `register answered, p${percent}`, value: percentile(ours.answered, percent), unit: 'ms' as const },
      {
        name: `register to "online" visible, p${percent}`,
        value: percentile(ours.visible, percent),
        unit: 'ms' as const,
        against: { what: 'row and read', value: percentile(stored, percent) },
        ...(percent === 95 ? { target: { atMost: 50 } } : {}),
      },
    ]);
  },
};

async function bringUps({ stage, seconds, tell }: FigureContext) {
  const worker = await stage.workers.startNull();
  const client = stage.gateway.client(CONNECTIONS);
  const endings = new Endings(stage);
  const startedAt = new Map<string, number>();
  const answered: number[] = [];
  const visible: number[] = [];
  worker.onMark((mark) => {
    if (mark.mark === 'started') startedAt.set(mark.workspaceId, mark.at);
    if (mark.mark !== 'registered') return;
    answered.push(mark.answered - mark.sent);
    visible.push((mark.visible ?? Number.NaN) - mark.sent);
  });
  worker.probe(true);
  /** Milliseconds until its box was to be started. */
  const bringUp = async (): Promise<number> => {
    const sent = now();
    const { id, operation_id } = await createWorkspace(client, 'a workspace');
    await endings.succeeded(operation_id);
    return (startedAt.get(id) ?? Number.NaN) - sent;
  };
  for (let turn = 0; turn < WARM_UP; turn += 1) await bringUp();
  answered.length = visible.length = 0;
  tell('bring-ups');
  const waits: number[] = [];
  await fixedRate(PER_SECOND, PER_SECOND * seconds, async () => void waits.push(await bringUp()));
  await stage.store.reset();
  await stage.workers.stop();
  client.close();
  return { waits, answered, visible };
}

async function bareWorkflows({ stage, seconds, tell }: FigureContext): Promise<number[]> {
  tell('the bare workflow');
  const floor = await Floor.start(stage);
  for (let turn = 0; turn < WARM_UP; turn += 1) await floor.run();
  const waits: number[] = [];
  await fixedRate(PER_SECOND, PER_SECOND * seconds, async () => void waits.push(await floor.run()));
  await floor.stop();
  return waits;
}

async function bareRegisters({ stage, seconds, tell }: FigureContext): Promise<number[]> {
  tell('the bare server');
  const bare = await startBare(stage, { status: 200, body: '{"status":"registered"}', stores: true });
  const agent = bare.client(CONNECTIONS);
  const registerAndRead = async (): Promise<void> => {
    await agent.expect(200, { method: 'POST', path: '/registry/register', body: '{"id":"a","agent_card":{}}' });
    await agent.expect(200, { method: 'GET', path: '/workspaces/a' });
  };
  for (let turn = 0; turn < WARM_UP; turn += 1) await registerAndRead();
  const { latencies } = await fixedRate(PER_SECOND, PER_SECOND * seconds, registerAndRead);
  agent.close();
  await bare.stop();
  return latencies;
}
