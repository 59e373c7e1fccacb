import { commandOf } from './command-lines.ts';
import { waitFor } from './wait-for.ts';

const FORCED_LIMIT_MS = 5_000;

/**
 * Ends one process: asks, waits for `graceMs`, then forces it. Returns once it is gone.
 * @param naming a text that its command line must hold: a process that got the number since is left alone
 * @throws RangeError for anything but the number of one process
 */
export async function stopProcess(pid: number, naming: string, graceMs: number): Promise<void> {
  // 0 and negative numbers mean whole groups, -1 every process there is: never ours to end.
  if (!Number.isInteger(pid) || pid <= 1) throw new RangeError(`${pid} is not the number of one process`);
  const isThere = () => commandOf(pid)?.includes(naming) === true;
  const isGone = () => !isThere();
  if (isGone()) return;
  send(pid, 'SIGTERM');
  try {
    await waitFor(isGone, { timeoutMs: graceMs });
  } catch {
    if (isThere()) send(pid, 'SIGKILL');
    await waitFor(isGone, { timeoutMs: FORCED_LIMIT_MS, what: `the end of process ${pid}` });
  }
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
