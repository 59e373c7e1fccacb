import { isCancellation } from '@temporalio/workflow';
import { boxes, rows } from '../operation/calls.ts';
import { knownFailure } from '../failure/codes.ts';
import { type Run, Superseded, unbroken } from '../operation/run.ts';

/**
 * Stops every box of the workspace that is not gone. Bounded: what cannot be stopped in time is owed, which is a
 * fact on the ledger that a sweeper finishes, not a failure of the operation.
 * @param spared `beforeCycle` spares the boxes of this operation from this cycle on, `ownOnly` those of others that run;
 *   by default none is spared
 */
export async function settle(run: Run, spared: { beforeCycle?: number; ownOnly?: true } = {}): Promise<void> {
  const { hosts } = await run.own(() => rows.beginSettle({ ...run.me, beforeCycle: run.cycle + 1, ...spared }));
  // Every host is waited for, also when one of them ends the settle: what follows must not overlap it.
  const results = await Promise.allSettled(
    hosts.map((host) => run.step(`stopping what runs on ${host}`, () => settleHost(run, host))),
  );
  const unreached = hosts.filter((host, place) => didNotAnswer(run, host, results[place]));
  if (unreached.length === 0) return;
  const reason = 'its host did not answer in time';
  await unbroken(() => rows.oweBoxes({ ...run.me, hosts: unreached, reason }));
}

/** False when the host did what it was asked; a host that is silent leaves a debt on the ledger and is no failure. */
function didNotAnswer(run: Run, host: string, result: PromiseSettledResult<void> | undefined): boolean {
  if (result?.status !== 'rejected') return false;
  const error: unknown = result.reason;
  if (error instanceof Superseded || isCancellation(error)) throw error;
  run.tell(`${host} did not stop its boxes: ${knownFailure(error, 'DELETE_INCOMPLETE').text}`);
  return true;
}

async function settleHost(run: Run, host: string): Promise<void> {
  const { settleMs } = run.settings;
  // The activity gives up by itself first; the call's own limit is for a host that is away.
  const settled = await boxes(host, settleMs * 2, run.settings, `stop boxes on ${host}`).settleBoxes({
    ...run.me,
    cycle: run.cycle,
    host,
    limitMs: settleMs,
  });
  for (const reason of settled.owed) run.tell(`owed: ${reason}`);
}
