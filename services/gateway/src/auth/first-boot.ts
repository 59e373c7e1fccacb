import type { Logger } from 'pino';
import type { AdminCredential } from './admin-credential.ts';

const FIRST_RETRY_MS = 250;
const LAST_RETRY_MS = 5_000;

/**
 * Makes sure an admin token exists, waiting for a database that is not there yet. The first boot of an installation
 * without ADMIN_TOKEN makes one and prints it, outside of the log: nothing but its hash is kept anywhere.
 */
export async function ensureAdminToken(
  admin: AdminCredential,
  logger: Logger,
  print: (text: string) => void,
  signal: AbortSignal,
): Promise<void> {
  for (let waitMs = FIRST_RETRY_MS; !signal.aborted; waitMs = Math.min(waitMs * 2, LAST_RETRY_MS)) {
    try {
      return await admin.ensure((plain) =>
        print(`\nAdmin token, shown this once: ${plain}\nSet ADMIN_TOKEN to choose one yourself.\n\n`),
      );
    } catch (error) {
      logger.warn({ err: error }, 'cannot look for an admin token yet');
    }
    await pause(waitMs, signal);
  }
}

const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener('abort', () => (clearTimeout(timer), resolve()), { once: true });
  });
