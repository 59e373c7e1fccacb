import { randomBytes } from 'node:crypto';
import { operationRecords } from '@holdfast/activities/operation/operation-records';
import { createCipher } from '@holdfast/activities/secret/cipher';
import { testDatabase } from '@holdfast/infra/testing/index';
import type { Database } from '@holdfast/prisma';
import { defaultOperationSettings } from '@holdfast/workflows/operation/operation';
import type { OperationPort, RunRef } from '@holdfast/workflows/operation/ports';
import { afterAll, beforeAll, expect } from 'vitest';
import { givenWorkspace } from '../given-workspace.ts';
import { everythingOf, givenOwner } from './given-operation.ts';

export const cipher = createCipher(randomBytes(32).toString('base64'));
/** The one place there is to put a box. */
export const place = { host: 'here', backend: 'process' } as const;

export let db: Database;
export let rows: OperationPort;

/** The rows behind the port, on a database of this file's own. */
export function useRows(): void {
  let dispose: () => Promise<void>;
  beforeAll(async () => {
    const kit = await testDatabase();
    db = kit.database;
    dispose = () => kit.dispose();
    await db.backend.create({ data: { host: place.host, kind: place.backend } });
    const deadlineMs = (runtime: string) => (runtime === 'hermes' ? 1_800_000 : 600_000);
    rows = operationRecords({ db, cipher, owner: 'owner', settings: defaultOperationSettings, deadlineMs });
  });
  afterAll(() => dispose());
}

export const workspace = (id: string) => db.workspace.findUniqueOrThrow({ where: { id } });
export const operation = (id: string) => db.operation.findUniqueOrThrow({ where: { id } });
export const boxesOf = (workspaceId: string) =>
  db.box.findMany({ where: { workspaceId }, orderBy: { createdAt: 'asc' } });
export const eventsOf = async (workspaceId: string) =>
  (await db.structureEvent.findMany({ where: { workspaceId }, orderBy: { seq: 'asc' } })).map(
    ({ eventType }) => eventType,
  );

/** A workspace whose provision has begun and been carried out by a run. */
export async function provisioning(): Promise<RunRef> {
  return givenOwner(db, await givenWorkspace(db, { status: 'provisioning' }), { kind: 'provision' });
}

/** Runs a step twice, as a killed worker or a signal during its task makes it run, and compares every row. */
export async function twice<T>(run: RunRef, step: () => Promise<T>): Promise<T> {
  const first = await step();
  const before = await everythingOf(db, run.workspaceId);
  expect(await step()).toEqual(first);
  expect(await everythingOf(db, run.workspaceId)).toEqual(before);
  return first;
}
