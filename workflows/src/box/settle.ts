import { isCancellation } from '@temporalio/workflow';
import { boxes, rows } from '../operation/calls.ts';
import { knownFailure } from '../failure/codes.ts';
import { type Run, Superseded } from '../operation/run.ts';

/**
 * Stops every box of the workspace that is not gone. Bounded: what cannot be stopped in time is owed, which is a
 * fact on the ledger that a sweeper finishes, not a failure of the operation.
 */
export async function settle(run: Run): Promise<void> {
  const { hosts } = await run.own(rows.beginSettle(run.me));
  const unreached: string[] = [];
  await Promise.all(
    hosts.map(async (host) => {
      try {
        await run.step(`stopping what runs on ${host}`, () => settleHost(run, host));
      } catch (error) {
        if (error instanceof Superseded || isCancellation(error)) throw error;
        // The host did not answer in time: the ledger keeps the debt.
        run.tell(`${host} did not stop its boxes: ${knownFailure(error, 'DELETE_INCOMPLETE').text}`);
        unreached.push(host);
      }
    }),
  );
  if (unreached.length > 0) await rows.oweBoxes({ ...run.me, hosts: unreached, reason: 'its host did not answer in time' });
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
