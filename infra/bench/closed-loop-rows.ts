import { startBare } from './bare.ts';
import type { FigureContext, Row } from './figure.ts';
import { Client, closedLoop, each, type Load, type Request } from './load.ts';
import { percentile } from './statistics.ts';
import { usageOf } from './usage.ts';

const WARM_UP_SECONDS = 2;

/** As many requests as the gateway answers, beside a bare server that answers the same bytes. */
export async function closedLoopRows(
  { stage, seconds, tell }: FigureContext,
  callers: number,
  request: (turn: number) => Request,
  target: NonNullable<Row['target']>,
  /** How many different requests there are: each is sent once before it counts. */
  variety = 1,
): Promise<Row[]> {
  const measure = async (client: Client, pid: number): Promise<Load & { cpuMs: number }> => {
    const one = async (turn: number): Promise<void> => void (await client.expect(200, request(turn)));
    await each(callers, variety, one);
    await closedLoop(callers, WARM_UP_SECONDS, one);
    const before = usageOf(pid).cpuMs;
    const load = await closedLoop(callers, seconds, one);
    const spent = usageOf(pid).cpuMs - before;
    client.close();
    return { ...load, cpuMs: spent / load.latencies.length };
  };
  const probe = stage.gateway.client(1);
  const body = (await probe.expect(200, request(0))).body.toString();
  probe.close();
  tell('the bare server');
  const bare = await startBare(stage, { status: 200, body });
  const floor = await measure(bare.client(callers), bare.pid);
  await bare.stop();
  tell('the gateway');
  const ours = await measure(stage.gateway.client(callers), stage.gateway.pid);
  const what = 'bare server';
  return [
    {
      name: `${callers} connections`,
      value: ours.perSecond,
      unit: '/s',
      against: { what, value: floor.perSecond },
      target,
    },
    {
      name: `${callers} connections, p50 of one`,
      value: percentile(ours.latencies, 50),
      unit: 'ms',
      against: { what, value: percentile(floor.latencies, 50) },
    },
    {
      // What else the machine does changes the other figures, and this one little.
      name: 'processor time of the server for one',
      value: ours.cpuMs,
      unit: 'ms',
      against: { what, value: floor.cpuMs },
    },
  ];
}
