import { settle } from '../box/settle.ts';
import { boxes, rows } from '../operation/calls.ts';
import type { OperationInput } from '../operation/operation.ts';
import { type OperationResult, runOperation } from '../operation/run-operation.ts';
import type { Ending } from '../operation/ports.ts';
import type { Run } from '../operation/run.ts';

/** Stops and erases what a removed workspace has left. Its row was marked removed by the request itself. */
export function deleteWorkspace(input: OperationInput): Promise<OperationResult> {
  return runOperation(input, { carryOut: erase, unexpected: 'DELETE_INCOMPLETE', uncancellable: true });
}

async function erase(run: Run): Promise<Ending | void> {
  await settle(run);
  const { owed, volumes } = await run.own(() => rows.planErase(run.me));
  if (owed.length > 0) {
    return { state: 'failed', failureCode: 'DELETE_INCOMPLETE', failureText: owed.join('; ') };
  }
  for (const { host, purge } of volumes) {
    const order = { ...run.me, cycle: run.cycle, host, purge };
    await run.step(`removing volumes on ${host}`, () =>
      boxes(host, run.settings.settleMs, run.settings, `remove volumes on ${host}`).removeVolumes(order),
    );
  }
  await run.own(() => rows.eraseWorkspace(run.me));
  return undefined;
}
