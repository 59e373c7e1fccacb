import { type TestDatabase, testDatabase } from '@holdfast/infra/testing/index';
import { boxStates } from '@holdfast/workflows/box/box';
import { operationKinds, operationStates } from '@holdfast/workflows/operation/operation';
import { lifecycle, type Transition } from '@holdfast/workflows/workspace/lifecycle';
import { workspaceStatuses } from '@holdfast/workflows/workspace/status';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { changeStatus } from '@holdfast/activities/workspace/status-change';
import { fromSet, target, type TransitionName } from '@holdfast/workflows/workspace/lifecycle';
import { givenWorkspace } from '../given-workspace.ts';

let kit: TestDatabase;
beforeAll(async () => {
  kit = await testDatabase();
});
afterAll(() => kit.dispose());

async function valuesOf(type: string): Promise<string[]> {
  const rows = await kit.database.$queryRaw<{ value: string }[]>`
    SELECT e.enumlabel AS value FROM pg_enum e JOIN pg_type t ON t.oid = e.enumtypid WHERE t.typname = ${type}
    ORDER BY e.enumsortorder`;
  return rows.map(({ value }) => value);
}

describe('the lists of the code', () => {
  test.each([
    ['workspace_status', workspaceStatuses],
    ['operation_kind', operationKinds],
    ['operation_state', operationStates],
    ['box_state', boxStates],
  ])('are the values of the database: %s', async (type, list) => {
    expect(await valuesOf(type)).toEqual([...list]);
  });

  test('incident 3: hold every status that a transition writes', async () => {
    const known = new Set(await valuesOf('workspace_status'));
    for (const { to } of Object.values<Transition>(lifecycle)) expect(to === 'gone' || known.has(to)).toBe(true);
  });

  test('are all there is: the database refuses another status', async () => {
    const id = await givenWorkspace(kit.database);
    await expect(
      kit.database
        .$executeRaw`UPDATE workspaces SET status = 'sleeping'::text::workspace_status WHERE id = ${id}::uuid`,
    ).rejects.toThrow();
  });
});

const writable = (Object.keys(lifecycle) as TransitionName[]).filter(
  (name) => name !== 'purge' && fromSet(name).length > 0,
);

test.each(writable)('a row changes by "%s" from its from-set and from nowhere else', async (name) => {
  for (const status of workspaceStatuses) {
    const id = await givenWorkspace(kit.database, { status, updatedAt: new Date(0) });
    const changed = await kit.database.$transaction((tx) => changeStatus(tx, id, name));
    const row = await kit.database.workspace.findUniqueOrThrow({ where: { id } });
    const allowed = fromSet(name).includes(status);
    expect({ status, changed, after: row.status }).toEqual({
      status,
      changed: allowed,
      after: allowed ? target(name) : status,
    });
    expect(row.updatedAt.getTime() > 0).toBe(allowed);
  }
});
