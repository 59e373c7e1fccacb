import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { waitFor } from '@holdfast/infra/testing/index';

const folder = fileURLToPath(new URL('../..', import.meta.url));

/** A gateway in a process of its own, as `npm start` runs it. */
export interface GatewayProcess {
  readonly child: ChildProcess;
  /** What it has written so far. */
  output(): string;
  /** The first address it listens on. */
  url(): Promise<string>;
  /** Its exit code once it has ended. */
  readonly ended: Promise<number | null>;
}

export function startGateway(environment: Record<string, string>): GatewayProcess {
  const child = spawn(process.execPath, ['--import', './register.mjs', 'src/main.ts'], {
    cwd: folder,
    env: {
      SECRETS_ENCRYPTION_KEY: Buffer.alloc(32, 5).toString('base64'),
      TEMPORAL_ADDRESS: '127.0.0.1:1',
      PORT: '0',
      ...environment,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  return {
    child,
    output: () => output,
    url: () =>
      waitFor(() => /"urls":\["([^"]+)"/.exec(output)?.[1], {
        timeoutMs: 100_000,
        what: `the gateway to listen: ${output}`,
      }),
    ended: new Promise((resolve) => child.once('close', resolve)),
  };
}
