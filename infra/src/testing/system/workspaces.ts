import { waitFor } from '../../process/wait-for.ts';
import type { System } from './system.ts';

/** A workspace of the reference agent, without a privilege. */
export const reference = (name: string, fields: Record<string, unknown> = {}) => ({
  name,
  runtime: 'reference',
  tier: 2,
  ...fields,
});

export async function createWorkspace(
  system: System,
  name: string,
  fields: Record<string, unknown> = {},
): Promise<string> {
  const { status, body } = await system.api().call('POST', '/workspaces', { body: reference(name, fields) });
  if (status !== 201) throw new Error(`create answered ${status}: ${JSON.stringify(body)}`);
  return String(body['id']);
}

/** Waits for a status, and says why when the workspace ends up in another one. */
export async function untilStatus(system: System, id: string, wanted: string, timeoutMs = 60_000): Promise<void> {
  let last: unknown;
  await waitFor(
    async () => {
      const row = await system.db.workspace.findUnique({
        where: { id },
        select: { status: true, lastSampleError: true },
      });
      last = row;
      return row?.status === wanted;
    },
    { timeoutMs, what: `${wanted} of workspace ${id}` },
  ).catch((error: unknown) => {
    throw new Error(`${(error as Error).message}; it is ${JSON.stringify(last)}`, { cause: error });
  });
}

/** Waits until nothing of the workspaces is open or owed. */
export async function untilSettled(system: System, timeoutMs = 60_000): Promise<void> {
  let open: unknown;
  await waitFor(
    async () => {
      const operations = await system.db.operation.findMany({
        where: { state: { in: ['accepted', 'running'] } },
        select: { kind: true, state: true, phase: true, pokes: true, workspaceId: true },
      });
      const boxes = await system.db.box.findMany({
        where: { state: { in: ['creating', 'stopping', 'owed'] } },
        select: { state: true, owedReason: true },
      });
      open = { operations, boxes };
      return operations.length + boxes.length === 0;
    },
    { timeoutMs, everyMs: 100, what: 'everything to settle' },
  ).catch((error: unknown) => {
    const words = system.workers.map((worker) => worker.lastWords()).join(' | ');
    throw new Error(`${(error as Error).message}; open: ${JSON.stringify(open)}; ${words}`, { cause: error });
  });
}

/** Every way in which rows and boxes can disagree; empty when they do not. */
export async function disagreements(system: System): Promise<string[]> {
  const found: string[] = [];
  const real = await system.realBoxes();
  const ledger = await system.db.box.findMany({ where: { state: { not: 'gone' } } });
  const rows = await system.db.workspace.findMany();
  for (const box of real) {
    if (!ledger.some(({ id }) => id === box.boxId)) found.push(`box ${box.boxId} runs and is not on the ledger`);
    const row = rows.find(({ id }) => id === box.workspaceId);
    if (!row || row.status === 'removed') found.push(`box ${box.boxId} runs for a workspace that is removed`);
  }
  for (const row of rows) {
    const running = real.filter(({ workspaceId }) => workspaceId === row.id);
    if (running.length > 1) found.push(`workspace ${row.id} has ${running.length} boxes`);
    if (row.status === 'online' && running.length === 0) found.push(`workspace ${row.id} is online without a box`);
    if (row.operationId !== null) found.push(`workspace ${row.id} is still owned`);
  }
  for (const { id, state } of ledger.filter(({ state }) => state === 'running')) {
    if (!real.some(({ boxId }) => boxId === id)) found.push(`box ${id} is ${state} on the ledger and does not run`);
  }
  return found;
}
