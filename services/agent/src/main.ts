import { startAgent } from './agent.ts';
import { readConfig } from './config.ts';

const STOP_LIMIT_MS = 2_000;

const log = (message: string, facts: Record<string, unknown> = {}): void => {
  process.stdout.write(`${JSON.stringify({ at: new Date().toISOString(), message, ...facts })}\n`);
};

try {
  const agent = await startAgent(readConfig(), log);
  const stop = (): void => {
    // A caller that never lets go of its connection does not keep the box from stopping.
    setTimeout(() => process.exit(0), STOP_LIMIT_MS).unref();
    void agent.stop().then(() => process.exit(0));
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
  log('listening', { url: agent.url });
} catch (error) {
  log(`cannot start: ${(error as Error).message}`);
  process.exitCode = 1;
}
