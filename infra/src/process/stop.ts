import { commandOf } from './command-lines.ts';
import { waitFor } from './wait-for.ts';

/**
 * Ends one process: asks, waits for `graceMs`, then forces it. Returns once it is gone.
 * @throws RangeError for anything but the number of one process
 */
export async function stopProcess(pid: number, graceMs: number): Promise<void> {
  if (!send(pid, 'SIGTERM')) return;
  try {
    await waitFor(() => commandOf(pid) === undefined, { timeoutMs: graceMs });
  } catch {
    send(pid, 'SIGKILL');
    await waitFor(() => commandOf(pid) === undefined, { timeoutMs: 5_000, what: `the end of process ${pid}` });
  }
}

function send(pid: number, signal: NodeJS.Signals): boolean {
  // 0 and negative numbers mean whole groups, -1 every process there is: never ours to end.
  if (!Number.isInteger(pid) || pid <= 1) throw new RangeError(`${pid} is not the number of one process`);
  try {
    return process.kill(pid, signal);
  } catch {
    return false;
  }
}
