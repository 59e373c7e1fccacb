import { setTimeout as delay } from 'node:timers/promises';
import { Connection } from '@temporalio/client';
import type { Logger } from 'pino';

const PAUSE_MS = 500;

/** Waits for the Temporal server: a worker that is started first is not a failure. */
export async function untilTemporalAnswers(address: string, log: Logger, signal: AbortSignal): Promise<void> {
  for (let said = false; !signal.aborted; said = true) {
    try {
      const connection = await Connection.connect({ address, connectTimeout: 5_000 });
      await connection.close();
      return;
    } catch (error) {
      if (!said) log.warn({ address, reason: (error as Error).message }, 'waiting for Temporal');
      await delay(PAUSE_MS, undefined, { signal }).catch(() => undefined);
    }
  }
}
