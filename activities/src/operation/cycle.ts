import type { Database, Tx } from '@holdfast/prisma';
import { coalescedKinds, type OperationKind } from '@holdfast/workflows/operation/operation';
import type { Cycle, RunRef } from '@holdfast/workflows/operation/ports';
import { choosePlace } from '../box/place.ts';
import { announceProvisioning } from '../workspace/announce-provisioning.ts';
import { changeStatus, clearAddress } from '../workspace/status-change.ts';
import type { WorkspaceRow } from '../workspace/workspace-row.ts';
import { announceOperation } from './notices.ts';
import { lockOwned, type OperationRow } from './operation-row.ts';
import { noteRestartContext } from './restart-context.ts';
import { recordStep } from './steps.ts';

/**
 * Begins a cycle of a bring-up. Every bring-up verb queued until now is served by it: it prepares, stops and starts
 * after they were accepted, which is all they ask for.
 * @param deadlineMs how long an agent of this runtime may take to register, in milliseconds
 */
export async function beginCycle(
  db: Database,
  run: RunRef & { cycle: number },
  deadlineMs: (runtime: string) => number,
): Promise<Cycle | null> {
  return db.$transaction(async (tx) => {
    const owned = await lockOwned(tx, run);
    if (!owned) return null;
    const { workspace, operation } = owned;
    const limit = deadlineMs(workspace.runtime);
    if (operation.cycle < run.cycle) await open(tx, workspace, operation, run.cycle, limit);
    const hosts = await tx.$queryRaw<{ host: string }[]>`
      SELECT DISTINCT host FROM boxes WHERE workspace_id = ${workspace.id}::uuid AND state <> 'gone'
        AND NOT (operation_id = ${operation.id}::uuid AND cycle = ${run.cycle})`;
    const place = await choosePlace(tx, workspace);
    return {
      cycle: run.cycle,
      hostsToSettle: hosts.map(({ host }) => host),
      place,
      provider: providerAt(workspace, place),
      deadlineMs: limit,
      runtime: workspace.runtime,
    };
  });
}

/** Until it has its place for good, a workspace is on none; now it is known which it will be. */
const providerAt = ({ provider }: WorkspaceRow, place: { backend: string } | null): string =>
  provider !== 'unplaced' || place === null ? provider : place.backend === 'control-plane' ? 'aws' : place.backend;

/** What all that one cycle serves has asked for: of two templates the later, and a fresh session if any wants one. */
const mergedRequest = (asked: readonly { request: object }[]): object =>
  Object.assign({}, ...asked.map(({ request }) => request)) as object;

async function open(
  tx: Tx,
  workspace: WorkspaceRow,
  operation: OperationRow,
  cycle: number,
  limitMs: number,
): Promise<void> {
  await tx.$executeRaw`
    UPDATE operations SET cycle = ${cycle}, deadline_at = clock_timestamp() + ${limitMs} * interval '1 millisecond'
    WHERE id = ${operation.id}::uuid`;
  const served = await tx.$queryRaw<{ id: string; seq: bigint; kind: OperationKind; request: object }[]>`
    UPDATE operations SET state = 'coalesced', coalesced_into = ${operation.id}::uuid, coalesced_cycle = ${cycle}, ended_at = clock_timestamp()
    WHERE workspace_id = ${workspace.id}::uuid AND state = 'accepted' AND id <> ${operation.id}::uuid
      AND kind::text = ANY(${coalescedKinds}::text[])
    RETURNING id, seq, kind::text AS kind, request`;
  for (const { id } of served) await announceOperation(tx, id);
  const asked = [...(cycle === 1 ? [operation] : []), ...served.sort((a, b) => Number(a.seq - b.seq))];
  await tx.$executeRaw`
    UPDATE operations SET cycle_request = ${JSON.stringify(mergedRequest(asked))}::jsonb WHERE id = ${operation.id}::uuid`;
  // A first bring-up follows no session that its agent could be told about.
  if (asked.some(({ kind }) => kind !== 'provision')) await noteRestartContext(tx, workspace.id, operation.id);
  await recordStep(tx, { operationId: operation.id, cycle, step: 'cycle', state: 'begun' });
  // The first cycle's status and event were written by the request itself.
  if (cycle === 1) return;
  if (await changeStatus(tx, workspace.id, 'restart', clearAddress)) {
    await announceProvisioning(tx, workspace, `${operation.id}:${cycle}:provisioning`);
  }
}
