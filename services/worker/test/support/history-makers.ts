import { expect } from 'vitest';
import { requestSwitch } from '@holdfast/activities/workspace/request-switch';
import type { BoxCredentials } from '@holdfast/activities/operation/mint';
import { waitFor } from '@holdfast/infra/testing/index';
import type { OperationState } from '@holdfast/workflows/operation/operation';
import { ended, givenWorkspace, whenDeleted } from './given.ts';
import { pokeAfter, takeIn, type Verb } from './property/verbs.ts';
import { cipher } from './rig.ts';
import type { useWorld } from './use-world.ts';

/** A secret of every workspace of these tests, which no history may hold. */
export const SECRET = 'canary-of-the-histories';

/** With a root: its history is that of the tree. */
export type Outcome = readonly [operationId: string, state: OperationState, root?: string];

/** What brings a run about whose history is looked at. */
export function historyMakers({ world, script }: ReturnType<typeof useWorld>) {
  const db = () => world().rig.db;

  /** A secret that is only known once its box is minted, and gone once its agent has registered. */
  const known: string[] = [];
  const noteCredentials = async (workspaceId: string): Promise<void> => {
    for (const { sealedCredentials } of await db().box.findMany({ where: { workspaceId } })) {
      if (sealedCredentials) known.push(...Object.values(JSON.parse(cipher.open(sealedCredentials)) as BoxCredentials));
    }
  };

  async function provisioned(fields: { runtime?: string } = {}) {
    script.afterRow = (name, { workspaceId }) => (name === 'mintBox' ? noteCredentials(workspaceId) : undefined);
    const created = await givenWorkspace(db(), { secrets: { KEY: SECRET }, ...fields });
    await world().rig.poker.poke(created.id);
    return created;
  }
  const onlineOne = async (): Promise<string> => {
    const { id, operationId } = await provisioned();
    expect(await ended(db(), operationId)).toBe('succeeded');
    return id;
  };
  const boxesOf = (id: string) =>
    world()
      .folder.boxes()
      .filter(({ workspaceId }) => workspaceId === id);
  const boxOf = (id: string) => waitFor(() => boxesOf(id)[0], { timeoutMs: 30_000 });

  async function deleted(id: string, purge = false): Promise<string> {
    const deletion = await whenDeleted(db(), id, purge);
    await world().rig.poker.poke(id);
    return deletion;
  }

  /** Takes a request in without a poke; answers with its operation. */
  async function asked(verb: Verb, id: string): Promise<string> {
    return (await db().$transaction((tx) => takeIn(tx, { verb, id }, cipher))).operations[0]!;
  }
  /** The same, with the poke of who asked. */
  async function done(verb: Verb, id: string): Promise<string> {
    const accepted = await db().$transaction((tx) => takeIn(tx, { verb, id }, cipher));
    await pokeAfter(world().rig.poker, accepted);
    return accepted.operations[0]!;
  }
  /** A workspace whose agent was online, and is silent since; its restart waits for it. */
  async function restarting(): Promise<{ id: string; operationId: string }> {
    const id = await onlineOne();
    script.mute = () => true;
    const operationId = await done('restart', id);
    await untilWaiting(operationId, 1);
    return { id, operationId };
  }
  const untilWaiting = (operationId: string, cycle: number) =>
    waitFor(
      async () =>
        (await db().operationStep.count({ where: { operationId, cycle, step: 'start', state: 'done' } })) === 1,
      { timeoutMs: 40_000, what: 'the wait for the agent' },
    );
  /** A workspace on a cloud, whose agent is online. */
  async function onCloud(): Promise<string> {
    const seenAt = new Date(0);
    await db().backend.createMany({ data: { host: 'clouds', kind: 'control-plane', seenAt }, skipDuplicates: true });
    const { id, operationId } = await givenWorkspace(db(), { secrets: { KEY: SECRET }, compute: { provider: 'aws' } });
    await db().workspace.update({ where: { id }, data: { backend: 'control-plane', host: world().rig.host } });
    await world().rig.poker.poke(id);
    expect(await ended(db(), operationId)).toBe('succeeded');
    return id;
  }
  async function switched(workspaceId: string): Promise<string> {
    const request = { workspaceId, provider: 'hetzner', confirmDataLoss: false, actor: 'test' } as const;
    const intake = await db().$transaction((tx) => requestSwitch(tx, request));
    if (intake.noop) throw new Error('it moves');
    await world().rig.poker.poke(workspaceId);
    return intake.operationId;
  }
  /** A workspace with one below it, both as the verbs leave them. */
  async function family(...verbs: Verb[]): Promise<string> {
    const { id, operationId } = await provisioned();
    const child = await givenWorkspace(db(), { parentId: id });
    await world().rig.poker.poke(child.id);
    for (const one of [operationId, child.operationId]) expect(await ended(db(), one)).toBe('succeeded');
    for (const verb of verbs) {
      const { operations, poke } = await db().$transaction((tx) => takeIn(tx, { verb, id }, cipher));
      await pokeAfter(world().rig.poker, { operations, poke });
      for (const one of operations) expect(await ended(db(), one)).toBe('succeeded');
    }
    return id;
  }
  /** The operation of a member of what is asked of a family. */
  const ofFamily = async (verb: Verb, root: string): Promise<Outcome> => [await done(verb, root), 'succeeded', root];

  return {
    known,
    provisioned,
    onlineOne,
    boxesOf,
    boxOf,
    deleted,
    asked,
    done,
    restarting,
    untilWaiting,
    onCloud,
    switched,
    family,
    ofFamily,
  };
}
