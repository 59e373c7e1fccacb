import type { Logger } from 'pino';
import { isLive } from '../provider/port.ts';
import { type TerminateParts, lookUp, settle } from '../instance/terminate.ts';
import type { InstanceRow } from '../instance/instance-row.ts';
import type { Loop } from './supervise.ts';

export interface SettleParts extends TerminateParts {
  readonly log: Logger;
  readonly everyMs: number;
}

const AT_ONCE = 10;
/** A cloud that does not answer is not asked about the same box more often than this. */
const AGAIN_FACTOR = 4;

/**
 * Finishes what a request began and could not: ends instances that are to end, and writes down those that came after
 * whoever asked for them had gone.
 */
export function settleLoop(parts: SettleParts): Loop {
  const { rows, providers, log, everyMs } = parts;

  const finish = async (row: InstanceRow): Promise<void> => {
    if (row.state === 'terminating') {
      if ((await settle(parts, row, 0)) === 'terminated') log.info({ boxId: row.box_id }, 'an instance has ended');
      return;
    }
    const instance = await lookUp(await providers.get(row.provider), row);
    if (!isLive(instance)) return;
    await rows.started(row, instance);
    log.info({ boxId: row.box_id, instanceId: instance.instanceId }, 'an instance that nobody had heard of was found');
  };

  return {
    name: 'settle',
    everyMs,
    async tick() {
      const claimed = await rows.claimUnsettled(AT_ONCE, everyMs * AGAIN_FACTOR);
      const results = await Promise.allSettled(claimed.map(finish));
      for (const [index, result] of results.entries()) {
        if (result.status === 'rejected') {
          log.warn(
            { err: result.reason, boxId: claimed[index]?.box_id },
            'an instance could not be settled; trying again',
          );
        }
      }
    },
  };
}
