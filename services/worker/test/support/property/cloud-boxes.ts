import { superviseLoop } from '@holdfast/activities/loop/supervised-loop';
import type { Cloud, Fault, Operation } from '@holdfast/infra/testing/clouds/index';
import type { CloudRig } from '@holdfast/infra/testing/system/cloud-rig';
import type { Database } from '@holdfast/prisma';
import type { Chance } from '@holdfast/infra/testing/chance';
import { startCloudAgents } from '../cloud-agents.ts';
import { type Boxes, type BoxesParts, someMute } from './boxes.ts';
import { isHeldUp } from './held-up.ts';
import { clock, type StepLog } from './step-log.ts';

/** How often the clouds lie, each at least 0 and less than 1. */
const moods: Readonly<Partial<Record<Operation, Readonly<Partial<Record<Fault, number>>>>>> = {
  create: { lost: 0.03, late: 0.03, doubled: 0.03, throttled: 0.04, unavailable: 0.02, capacity: 0.01, quota: 0.01 },
  end: { lost: 0.04, unheard: 0.03, throttled: 0.04, unavailable: 0.02 },
  look: { throttled: 0.01, unavailable: 0.01 },
  list: { throttled: 0.01, unavailable: 0.01 },
};
/** How often the clouds come to what was late, in milliseconds. */
const LATE_MS = 150;
/** How long a machine may still come of an unanswered create: longer than anything here is late. */
const ATTEMPT_MS = 10_000;

/** Boxes that are machines with real agents, in clouds that lie, behind a real control plane. */
export async function cloudBoxes(given: BoxesParts): Promise<Boxes> {
  const { db, luck, log, onTrouble, parts } = given;
  const env = { CONTROL_PLANE_ATTEMPT_MS: String(ATTEMPT_MS) };
  const { rig, settings } = parts.use(await startCloudAgents({ ...given, isMute: someMute(luck), env }));
  for (const cloud of rig.clouds) cloud.faults.mood = (operation) => drawn(operation, luck);
  noteMachines(rig, log);
  parts.use(letTheLateCome(rig.clouds, onTrouble));
  return {
    backend: 'control-plane',
    durations: { deadlineMs: 20_000, settleMs: 8_000, startMs: 60_000, longestCreateMs: 3_000 },
    pace: { pauseMs: 1_000, rests: 0.7, longestRestMs: 15_000 },
    settings: { clouds: { ...settings, isWatched: true } },
    clouds: rig.clouds.map(({ name }) => name),
    real: () => rig.machines(),
    async isQuiet() {
      const ledger = await db.box.findMany({ where: { state: { not: 'gone' } } });
      const machines = new Set(rig.machines().map(({ boxId }) => boxId));
      const workspaces = await db.workspace.findMany();
      const offline = workspaces.filter((each) => each.status === 'offline' && !isHeldUp(each, workspaces));
      await hasten(db, offline);
      return offline.length === 0 && ledger.length === machines.size && ledger.every(({ id }) => machines.has(id));
    },
    async end(chance) {
      const machines = rig.machines();
      if (machines.length === 0) return;
      const { id, provider } = chance.pick(machines);
      await rig.clouds.find(({ name }) => name === provider)?.end(id);
    },
  };
}

/** How long after a box was made nobody is brought back for the look of it is not waited for. */
const hasten = (db: Database, offline: readonly { id: string }[]): Promise<unknown> =>
  db.$executeRaw`
    UPDATE boxes SET created_at = created_at - interval '1 minute'
    WHERE state = 'gone' AND workspace_id = ANY(${offline.map(({ id }) => id)}::uuid[])`;

function drawn(operation: Operation, { next }: Chance): Fault | undefined {
  let left = next();
  const rates = Object.entries(moods[operation] ?? {}) as [Fault, number][];
  return rates.find(([, rate]) => (left -= rate) < 0)?.[0];
}

/** Notes every machine that comes and goes, at that instant. */
function noteMachines(rig: CloudRig, log: StepLog): void {
  const known = new Map<string, string>();
  const look = (): void => {
    const now = new Map(rig.machines().map(({ id, provider, boxId }) => [`${provider} ${id}`, boxId]));
    for (const [key, boxId] of now)
      if (!known.has(key)) log.write({ what: 'made', boxId, workspaceId: '', at: clock() });
    for (const [key, boxId] of known)
      if (!now.has(key)) log.write({ what: 'removed', boxId, workspaceId: '', at: clock() });
    known.clear();
    for (const [key, boxId] of now) known.set(key, boxId);
  };
  for (const cloud of rig.clouds) cloud.onChange(look);
}

function letTheLateCome(clouds: readonly Cloud[], onFailure: (error: unknown) => void): AsyncDisposable {
  const stopping = new AbortController();
  const tick = async (): Promise<void> => void (await Promise.all(clouds.map(({ faults }) => faults.release())));
  const loop = superviseLoop({ name: 'late', periodMs: LATE_MS, tick, onFailure }, stopping.signal);
  return {
    async [Symbol.asyncDispose]() {
      stopping.abort();
      await loop;
    },
  };
}
