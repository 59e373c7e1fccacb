import { settle } from '../box/settle.ts';
import { refuse } from '../failure/codes.ts';
import { failures } from '../failure/failures.ts';
import { boxes, rows } from '../operation/calls.ts';
import { mostCycles } from '../operation/operation.ts';
import type { Ending } from '../operation/ports.ts';
import type { Run } from '../operation/run.ts';

/**
 * Brings an agent online: prepare, settle, mint, start, await. Prepare comes first, so that a missing key never
 * kills a healthy box. What is queued meanwhile is served by another whole cycle.
 * @param onceStopped runs in the first cycle when nothing of the workspace runs any more, and nothing new has been made
 */
export async function bringUp(run: Run, onceStopped?: () => Promise<void>): Promise<Ending | void> {
  for (let isFirst = true; ; isFirst = false) {
    // The deadline that operators see counts from here, whatever the start takes of it.
    const begun = Date.now();
    const { place, provider, hostsToSettle, deadlineMs, runtime } = await run.own(() =>
      rows.beginCycle({ ...run.me, cycle: run.cycle + 1 }),
    );
    run.cycle += 1;
    run.isOn(provider);
    if (!place) refuse('NO_BACKEND');
    const order = { ...run.me, ...place, cycle: run.cycle };
    const calls = (what: string) => boxes(place.host, run.settings.startMs, run.settings, `${what} on ${place.host}`);
    await run.step(`preparing a ${place.backend} box on ${place.host}`, () => calls('prepare').prepareBox(order));
    if (hostsToSettle.length > 0) await settle(run, { beforeCycle: run.cycle });
    if (isFirst) await onceStopped?.();
    const { boxId } = await run.own(() => rows.mintBox(order));
    await run.step(`starting box ${boxId}`, () => calls('start').startBox({ ...order, boxId }));
    const outcome = await run.awaitAgent(begun + deadlineMs);
    if (outcome === 'online') return undefined;
    if (typeof outcome === 'object') refuse('BOOT_FAILED', outcome.bootFailure);
    if (outcome === 'deadline') {
      refuse('AGENT_TIMEOUT', failures.AGENT_TIMEOUT.says, {
        timeout_secs: Math.round(deadlineMs / 1000),
        runtime,
        source: 'provision_timeout_sweep',
      });
    }
    if (run.cycle >= mostCycles) return { state: 'coalesced' };
  }
}

/**
 * After a failed bring-up nothing that it started is left running, except after the deadline: a late agent may still come
 * online. A box from before that it had not come to stop yet goes on, and its agent brings the workspace back.
 */
export async function undoBringUp(run: Run, ending: Ending): Promise<void> {
  if (ending.failureCode !== 'AGENT_TIMEOUT') await settle(run, { ownOnly: true });
}
