import path from 'node:path';
import { environment } from './config.ts';
import type { World } from './command/session.ts';
import manifest from '../package.json' with { type: 'json' };
import { usualTiming } from './api/transport.ts';
import { Failure } from './failure/failure.ts';
import { run } from './run.ts';
import { clackPrompt } from './terminal/prompt.ts';
import { processTerminal } from './terminal/terminal.ts';

const stopping = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  // Once: a second one ends the process the usual way.
  process.once(signal, () =>
    stopping.abort(new Failure('interrupted', 'Stopped. What was asked for goes on.', { code: 'CLI_INTERRUPTED' })),
  );
}

const world: World = {
  terminal: processTerminal(),
  prompt: clackPrompt,
  variables: environment(),
  places: [process.cwd(), path.join(import.meta.dirname, '../../..')],
  signal: stopping.signal,
  timing: usualTiming,
  version: manifest.version,
};
process.exitCode = await run(process.argv.slice(2), world);
