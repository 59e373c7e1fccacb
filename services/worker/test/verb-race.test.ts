import { describe, expect, test } from 'vitest';
import { chanceOf, waitFor } from '@holdfast/infra/testing/index';
import { isBringUp } from '@holdfast/workflows/operation/operation';
import { register } from './support/agents.ts';
import { allEnded, ended, givenWorkspace } from './support/given.ts';
import { asked as askedIn, poke as pokeIn, preempted, useDispatcher } from './support/preempting.ts';
import { refusalOf, type Verb } from './support/property/verbs.ts';
import { cipher } from './support/rig.ts';
import { roundsOf } from './support/size.ts';
import { gate, useWorld } from './support/use-world.ts';
import { instantsOf } from './support/verb-instants.ts';
import { eventsOf, ledgerIsReality } from './support/world.ts';

const stage = useWorld({ hosts: 2, longestCreateMs: 1_000, deadlineMs: 240_000, startMs: 240_000 });
const { world, script } = stage;
const db = () => world().rig.db;
const row = (id: string) => db().workspace.findUniqueOrThrow({ where: { id } });
const operation = (id: string) => db().operation.findUniqueOrThrow({ where: { id } });
const boxesOf = (id: string) =>
  world()
    .folder.boxes()
    .filter(({ workspaceId }) => workspaceId === id);

const poke = (id: string): Promise<void> => pokeIn(stage, id);
const asked = (verb: Verb, id: string): Promise<string> => askedIn(stage, verb, id);
async function done(verb: Verb, id: string): Promise<void> {
  const operationId = await asked(verb, id);
  await poke(id);
  expect(await ended(db(), operationId)).toBe('succeeded');
}
async function online(): Promise<string> {
  const { id, operationId } = await givenWorkspace(db());
  await poke(id);
  expect(await ended(db(), operationId)).toBe('succeeded');
  return id;
}

const { trouble } = useDispatcher(stage);

describe('500 restarts of one workspace', () => {
  test('are all accepted, cost at most two more cycles, and leave it online', { timeout: 300_000 }, async () => {
    const id = await online();
    const starting = gate();
    const letGo = gate();
    script.beforeStart = ({ workspaceId }) => {
      if (workspaceId !== id) return;
      starting.open();
      return letGo.passed;
    };
    const first = await asked('restart', id);
    await poke(id);
    await starting.passed;
    let left = 499;
    const requests: string[] = [first];
    const lanes = Array.from({ length: 8 }, async () => {
      while (left-- > 0) {
        requests.push(await asked('restart', id));
        void poke(id);
      }
    });
    await Promise.all(lanes);
    letGo.open();
    await allEnded(db(), [id], 120_000);
    expect(new Set(requests).size).toBe(500);
    const operations = await db().operation.findMany({ where: { id: { in: requests } } });
    expect(operations).toHaveLength(500);
    for (const { state } of operations) expect(['succeeded', 'coalesced']).toContain(state);
    expect(operations.reduce((sum, { cycle }) => sum + cycle, 0)).toBeLessThanOrEqual(3);
    expect(await row(id)).toMatchObject({ status: 'online', operationId: null });
    expect(boxesOf(id)).toHaveLength(1);
    await ledgerIsReality(world(), [id]);
    expect(trouble.splice(0)).toEqual([]);
  });
});

/** How a workspace gets to where the verb can be asked for. */
const befores = {
  restart: [],
  pause: [],
  hibernate: [],
  resume: ['pause'],
  wake: ['hibernate'],
} as const satisfies Partial<Record<Verb, readonly Verb[]>>;
const INSTANTS = roundsOf({ usual: 4, full: 20 });

describe('a delete at any instant', () => {
  test.each(Object.keys(befores) as (keyof typeof befores)[])(
    `of a %s ends with nothing left (${INSTANTS} instants)`,
    { timeout: 300_000 },
    async (verb) => {
      const luck = chanceOf(`delete during ${verb}`);
      const instants = Array.from({ length: INSTANTS }, () => luck.pick(instantsOf(verb)));
      const given = async (): Promise<string> => {
        const id = await online();
        for (const before of befores[verb]) await done(before, id);
        return id;
      };
      for (const id of await preempted(stage, { verb, by: 'delete', instants, given })) {
        expect(boxesOf(id)).toEqual([]);
        expect(await row(id)).toMatchObject({ status: 'removed', operationId: null, boxId: null });
        const removals = (await eventsOf(world().rig, id)).filter((type) => type === 'WORKSPACE_REMOVED');
        expect(removals).toHaveLength(1);
        const deletions = await db().operation.findMany({ where: { workspaceId: id, kind: 'delete' } });
        expect(deletions).toMatchObject([{ state: 'succeeded' }]);
      }
      expect(trouble.splice(0)).toEqual([]);
    },
  );
});

describe('a pause of a bring-up that waits for its agent', () => {
  test('supersedes it and stops its box; a register that comes late, or too late, changes nothing', async () => {
    script.mute = () => true;
    const { id, operationId } = await givenWorkspace(db());
    await poke(id);
    const box = await waitFor(() => boxesOf(id)[0], { timeoutMs: 30_000, what: 'a box' });
    const started = { operationId, step: 'start', state: 'done' };
    await waitFor(async () => (await db().operationStep.count({ where: started })) === 1, { timeoutMs: 30_000 });
    const agent = { db: db(), cipher, poker: world().rig.poker };

    const pause = await asked('pause', id);
    expect(await operation(operationId)).toMatchObject({ state: 'superseded', supersededBy: pause });
    // Its box is still there, and current: only its operation is not.
    expect(await register(agent, box)).toBe(false);
    expect((await row(id)).status).toBe('paused');
    await poke(id);
    expect(await ended(db(), pause)).toBe('succeeded');
    expect(await register(agent, box)).toBe(false);
    expect(await row(id)).toMatchObject({ status: 'paused', boxId: null, operationId: null });
    expect(boxesOf(id)).toEqual([]);
    expect(await eventsOf(world().rig, id)).toEqual(['WORKSPACE_PROVISIONING', 'WORKSPACE_PAUSED']);
    expect((await db().box.findUniqueOrThrow({ where: { id: box.boxId } })).registeredAt).toBeNull();
    await ledgerIsReality(world(), [id]);
  });
});

describe('a restart that meets', () => {
  /** Asks for the verb, and waits until it stops the box; `letGo` lets it. */
  async function held(verb: Verb): Promise<{ id: string; operationId: string; letGo(): void }> {
    const id = await online();
    const begun = gate();
    const may = gate();
    script.beforeStop = ({ workspaceId }) => {
      if (workspaceId !== id) return;
      begun.open();
      return may.passed;
    };
    const operationId = await asked(verb, id);
    await poke(id);
    await begun.passed;
    return { id, operationId, letGo: may.open };
  }

  test.each(['pause', 'hibernate'] as const)('a %s waits for its end, and brings the workspace back', async (verb) => {
    const { id, operationId, letGo } = await held(verb);
    const restart = await asked('restart', id);
    await poke(id);
    expect(await operation(restart)).toMatchObject({ state: 'accepted' });
    letGo();
    expect(await ended(db(), operationId)).toBe('succeeded');
    expect(await ended(db(), restart)).toBe('succeeded');
    expect(await row(id)).toMatchObject({ status: 'online', operationId: null });
    expect(boxesOf(id)).toHaveLength(1);
    await ledgerIsReality(world(), [id]);
  });

  test('a delete is refused: there is no such workspace any more', async () => {
    const { id, operationId, letGo } = await held('delete');
    expect(await asked('restart', id).catch(refusalOf)).toBe('WORKSPACE_NOT_FOUND');
    letGo();
    expect(await ended(db(), operationId)).toBe('succeeded');
    expect((await row(id)).status).toBe('removed');
    expect(boxesOf(id)).toEqual([]);
  });

  test('a pause, and is followed by another pause, has lost: paused is the last word', async () => {
    const { id, operationId, letGo } = await held('pause');
    const restart = await asked('restart', id);
    expect(isBringUp((await operation(restart)).kind)).toBe(true);
    expect(await asked('pause', id)).toBe(operationId);
    letGo();
    expect(await ended(db(), operationId)).toBe('succeeded');
    expect(await operation(restart)).toMatchObject({ state: 'superseded', supersededBy: operationId });
    expect(await row(id)).toMatchObject({ status: 'paused', operationId: null });
    expect(boxesOf(id)).toEqual([]);
  });
});
