import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { listensOn } from '../../../process/listening.ts';
import { anyFreePort } from '../../../process/ports.ts';
import { waitFor } from '../../../process/wait-for.ts';
import { findEc2Emulator } from './program.ts';

export interface Ec2Emulator {
  readonly url: string;
  stop(): Promise<void>;
}

const START_LIMIT_MS = 60_000;

/** Ends with its standard input, so that it does not outlive a test run that is killed. */
const program = `
import os, sys, threading
threading.Thread(target=lambda: (sys.stdin.read(), os._exit(0)), daemon=True).start()
from moto.server import main
main(['-H', '127.0.0.1', '-p', sys.argv[1]])
`;

/** Starts an EC2 emulator of its own on a free port. */
export async function startEc2Emulator(): Promise<Ec2Emulator> {
  const folder = await findEc2Emulator();
  const port = await anyFreePort();
  const child = spawn('python3', ['-c', program, String(port)], {
    env: { ...process.env, PYTHONPATH: folder },
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  await once(child, 'spawn');
  await waitFor(() => hasEnded(child) || listensOn(child.pid ?? 0, port), {
    timeoutMs: START_LIMIT_MS,
    what: 'the EC2 emulator',
  });
  if (hasEnded(child)) throw new Error('the EC2 emulator ended at once');
  return {
    url: `http://127.0.0.1:${port}`,
    async stop() {
      if (hasEnded(child)) return;
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
    },
  };
}

const hasEnded = (child: ChildProcess): boolean => child.exitCode !== null || child.signalCode !== null;
