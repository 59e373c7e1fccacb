import { log } from '@temporalio/workflow';
import { settle } from '../box/settle.ts';
import { boxes, rows } from '../operation/calls.ts';
import type { OperationInput } from '../operation/operation.ts';
import { type OperationResult, runOperation } from '../operation/run-operation.ts';
import type { Ending, ErasePlan } from '../operation/ports.ts';
import { type Run, Superseded } from '../operation/run.ts';

type Volume = ErasePlan['volumes'][number];

/** The last purge of a tree removes the volumes of all of it, so many at a time. */
const AT_ONCE = 10;

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
  const isOwn = ({ workspaceId = run.me.workspaceId }: Partial<Volume>): boolean => workspaceId === run.me.workspaceId;
  for (const volume of volumes.filter(isOwn)) await removeVolumes(run, volume);
  const others = volumes.filter((volume) => !isOwn(volume));
  while (others.length > 0) await Promise.all(others.splice(0, AT_ONCE).map((volume) => removeVolumes(run, volume)));
  await run.own(() => rows.eraseWorkspace(run.me));
  return undefined;
}

/** A volume that stays costs disk and nothing else: it fails no delete, and the log says so. */
async function removeVolumes(run: Run, volume: Volume): Promise<void> {
  const { host } = volume;
  const { removeVolumes: remove } = boxes(host, run.settings.settleMs, run.settings, `remove volumes on ${host}`);
  try {
    await run.step(`removing volumes on ${host}`, () => remove({ ...run.me, cycle: run.cycle, ...volume }));
  } catch (error) {
    if (error instanceof Superseded) throw error;
    log.warn('volumes of a deleted workspace were not removed', { host, error });
    run.tell(`the volumes on ${host} are still there`);
  }
}
