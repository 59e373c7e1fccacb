import { describe, expect, test } from 'vitest';
import { chanceOf } from '@holdfast/infra/testing/index';
import { ended, givenWorkspace } from './support/given.ts';
import { poke, preempted, useDispatcher } from './support/preempting.ts';
import { roundsOf } from './support/size.ts';
import { useWorld } from './support/use-world.ts';
import { instantsOf } from './support/verb-instants.ts';

const patience = { deadlineMs: 240_000, startMs: 240_000 };
const stage = useWorld({ backend: 'control-plane', hosts: 2, longestCreateMs: 1_000, ...patience });
const db = () => stage.world().rig.db;
const row = (id: string) => db().workspace.findUniqueOrThrow({ where: { id } });
const boxesOf = (workspaceId: string) =>
  stage
    .world()
    .folder.boxes()
    .filter((box) => box.workspaceId === workspaceId);

const { trouble } = useDispatcher(stage);

async function onAws(): Promise<string> {
  const { id, operationId } = await givenWorkspace(db(), { compute: { provider: 'aws' } });
  await poke(stage, id);
  expect(await ended(db(), operationId)).toBe('succeeded');
  return id;
}
const INSTANTS = roundsOf({ usual: 5, full: 30 });
const atSome = (by: string) => {
  const luck = chanceOf(`${by} during a switch`);
  return Array.from({ length: INSTANTS }, () => luck.pick(instantsOf('switch')));
};

describe(`a switch between clouds, at any instant of it (${INSTANTS} instants)`, () => {
  test('gives way to a delete, which leaves nothing in either cloud', { timeout: 300_000 }, async () => {
    const race = { verb: 'switch', by: 'delete', instants: atSome('delete'), given: onAws } as const;
    for (const id of await preempted(stage, race)) {
      expect(boxesOf(id)).toEqual([]);
      expect(await row(id)).toMatchObject({ status: 'removed', operationId: null, boxId: null });
    }
    expect(trouble.splice(0)).toEqual([]);
  });

  test(
    'gives way to a pause, which leaves no box in either cloud, and the row in one of them',
    { timeout: 300_000 },
    async () => {
      const race = { verb: 'switch', by: 'pause', instants: atSome('pause'), given: onAws } as const;
      for (const id of await preempted(stage, race)) {
        expect(boxesOf(id)).toEqual([]);
        expect(await row(id)).toMatchObject({ status: 'paused', operationId: null, boxId: null });
        const { provider } = (await row(id)).compute as { provider: string };
        expect(['aws', 'hetzner']).toContain(provider);
      }
      expect(trouble.splice(0)).toEqual([]);
    },
  );
});
