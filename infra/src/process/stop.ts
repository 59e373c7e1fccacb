import { commandOf } from './command-lines.ts';
import { waitFor } from './wait-for.ts';

/** Ends a process: asks, waits for `graceMs`, then forces it. Returns once it is gone. */
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
  try {
    return process.kill(pid, signal);
  } catch {
    return false;
  }
}
