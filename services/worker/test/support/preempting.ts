import { superviseLoop } from '@holdfast/activities/loop/supervised-loop';
import { afterAll, beforeAll, expect } from 'vitest';
import { allEnded, ended } from './given.ts';
import { takeIn, type Verb } from './property/verbs.ts';
import { cipher } from './rig.ts';
import type { Stage } from './use-world.ts';
import { type Instant, VerbInstants } from './verb-instants.ts';
import { ledgerIsReality } from './world.ts';

/** What a verb is preempted by, and the cases that are tried. */
export interface Preemption {
  readonly verb: Verb;
  readonly by: 'delete' | 'pause';
  readonly instants: readonly Instant[];
  /** Makes a workspace of which the verb may be asked. */
  given(): Promise<string>;
}

/** The product's dispatcher, for as long as the tests of the file run; what it fails with is noted. */
export function useDispatcher({ world }: Stage): { readonly trouble: unknown[] } {
  const trouble: unknown[] = [];
  const stopping = new AbortController();
  let loop: Promise<void>;
  beforeAll(() => {
    const tick = async (): Promise<void> => void (await world().rig.dispatch());
    const onFailure = (error: unknown): void => void trouble.push(error);
    loop = superviseLoop({ name: 'dispatcher', periodMs: 200, tick, onFailure }, stopping.signal);
  });
  afterAll(async () => {
    stopping.abort();
    await loop;
  });
  return { trouble };
}

/** How many are under way at a time. */
const LANES = 5;

/** Takes a request in; answers with its operation. A switch is to hetzner. */
export async function asked({ world }: Stage, verb: Verb, id: string): Promise<string> {
  const request = { verb, id, ...(verb === 'switch' ? { to: 'hetzner' as const } : {}) };
  const { operations } = await world().rig.db.$transaction((tx) => takeIn(tx, request, cipher));
  return operations[0]!;
}

/** One that the server is too busy for is lost, which costs time: the dispatcher pokes again. */
export const poke = ({ world }: Stage, id: string): Promise<void> =>
  world()
    .rig.poker.poke(id)
    .catch(() => undefined);

/**
 * Asks for a verb of as many workspaces as there are instants, and preempts each at its instant.
 * @returns the workspaces, once nothing is open any more and the ledger is what is there
 */
export async function preempted(stage: Stage, { verb, by, instants, given }: Preemption): Promise<string[]> {
  const db = stage.world().rig.db;
  const trouble: unknown[] = [];
  const plans = new VerbInstants((error) => trouble.push(error));
  Object.assign(stage.script, plans.hooks());
  const left = [...instants];
  const ids: string[] = [];
  const lanes = Array.from({ length: LANES }, async () => {
    for (let at = left.shift(); at !== undefined; at = left.shift()) {
      const id = await given();
      ids.push(id);
      const preempting = plans.plan(id, at, async () => {
        await asked(stage, by, id);
        await poke(stage, id);
      });
      const operationId = await asked(stage, verb, id);
      plans.reach(id, 'at once');
      await poke(stage, id);
      await ended(db, operationId);
      // Some ways do not lead by every instant: then it comes right after the end.
      plans.reach(id, at);
      await preempting;
    }
  });
  await Promise.all(lanes);
  await allEnded(db, ids, 120_000);
  await ledgerIsReality(stage.world(), ids);
  expect(plans.overlaps).toEqual([]);
  expect(trouble).toEqual([]);
  return ids;
}
