import { randomUUID } from 'node:crypto';
import { startEc2Cloud } from '../../src/testing/clouds/index.ts';
import { startControlPlane } from '../../src/testing/system/control-plane.ts';
import { type CloudBox, CloudBoxes } from '../cloud-boxes.ts';
import type { Figure, FigureContext, Row } from '../figure.ts';
import { each, now } from '../load.ts';
import { differenceRow, inTurns, type Pair, pairRow } from '../pairs.ts';
import type { RawEc2 } from '../raw-ec2.ts';

const PAIRS = 20;
const CALLERS = 8;
/** Few: the emulator keeps what has ended, and grows slower with each. */
const TOGETHER = 16;
const ROUNDS = 2;
/** Real machines take half a minute to end: a look every so often adds nothing there, and the same to both here. */
const LOOK_MS = 200;
const what = 'EC2 by its SDK';

type Route = 'provision' | 'status' | 'terminate';

export const controlPlane: Figure = {
  name: 'control-plane',
  title: 'The routes of the control plane, in front of an EC2 emulator',
  comparison: 'the same calls of EC2 by its own SDK at the same emulator, in turns with ours',
  async run({ stage, tell }) {
    tell('starting the emulator and the control plane');
    const cloud = await startEc2Cloud();
    const plane = await startControlPlane({
      clouds: [cloud],
      databaseUrl: stage.store.url,
      env: { CONTROL_PLANE_LOOK_MS: String(LOOK_MS), NODE_ENV: 'production' },
    });
    const { RawEc2 } = await import('../raw-ec2.ts');
    const ours = new CloudBoxes(plane, CALLERS);
    const raw = new RawEc2({ environment: cloud.environment, lookMs: LOOK_MS });
    const alone = await oneByOne(tell, ours, raw);
    const together = await manyAtATime(tell, ours, raw);
    ours.close();
    raw.close();
    await plane.stop();
    await cloud.stop();
    return [
      ...(['provision', 'status', 'terminate'] as const).flatMap((route) => [
        pairRow({ name: `${route}, p50`, unit: 'ms', what }, alone[route]),
        differenceRow(`${route}, difference of a pair, p50`, 50, alone[route]),
        differenceRow(`${route}, difference of a pair, p95`, 95, alone[route]),
      ]),
      pairRow({ name: `provision, ${CALLERS} at a time`, unit: '/s', what }, together),
    ] satisfies Row[];
  },
};

/** Each route on one box after the other, each call right beside the raw one. */
async function oneByOne(tell: FigureContext['tell'], ours: CloudBoxes, raw: RawEc2): Promise<Record<Route, Pair[]>> {
  let box: CloudBox;
  let id: string;
  const took = async (act: () => Promise<unknown>): Promise<number> => {
    const begun = now();
    await act();
    return now() - begun;
  };
  const times: Record<Route, Pair[]> = { provision: [], status: [], terminate: [] };
  for (let round = 0; round <= PAIRS; round += 1) {
    tell(`pair ${round} of ${PAIRS}`);
    const provision = {
      ours: await took(async () => (box = await ours.provision())),
      raw: await took(async () => (id = await raw.provision(randomUUID()))),
    };
    const status = { ours: await took(() => ours.status(box)), raw: await took(() => raw.status(id)) };
    const terminate = { ours: await took(() => ours.terminate(box)), raw: await took(() => raw.terminate(id)) };
    if (round === 0) continue;
    times.provision.push(provision);
    times.status.push(status);
    times.terminate.push(terminate);
  }
  return times;
}

/** Provisions a second; what was made is ended after each round. */
async function manyAtATime(tell: FigureContext['tell'], ours: CloudBoxes, raw: RawEc2): Promise<Pair[]> {
  const load = async <T>(make: () => Promise<T>, end: (made: T) => Promise<void>): Promise<number> => {
    const made: T[] = [];
    const { perSecond } = await each(CALLERS, TOGETHER, async () => void made.push(await make()));
    await each(CALLERS, made.length, (turn) => end(made[turn] as T));
    return perSecond;
  };
  return inTurns(
    (pair) => tell(`${CALLERS} at a time, ${pair}`),
    () =>
      load(
        () => ours.provision(),
        (box) => ours.terminate(box),
      ),
    () =>
      load(
        () => raw.provision(randomUUID()),
        (id) => raw.terminate(id),
      ),
    ROUNDS,
  );
}
