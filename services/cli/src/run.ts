import { CommanderError } from 'commander';
import type { World } from './command/session.ts';
import { type Exit, exits } from './exit/exit-codes.ts';
import { usage } from './failure/failure.ts';
import { failureOf, report } from './failure/report.ts';
import type { Mode } from './terminal/output.ts';
import { buildProgram } from './program.ts';

/**
 * Runs one command line, says what went wrong, and gives the exit code.
 * @param words what stands behind the name of the program
 */
export async function run(words: readonly string[], world: World): Promise<number> {
  let exit: Exit = 'ok';
  const mode = modeIn(words);
  const program = buildProgram(world, mode, (ended) => {
    exit = ended;
  });
  try {
    await program.parseAsync(words, { from: 'user' });
    return exits[exit].code;
  } catch (thrown) {
    if (thrown instanceof CommanderError) return commanderExit(thrown, world, mode);
    // Whatever an abort broke on its way, it was the abort.
    const failure = failureOf(world.signal.aborted ? world.signal.reason : thrown);
    report(failure, world.terminal.err, mode);
    return exits[failure.exit].code;
  }
}

/** Known before commander has understood the line, because it also says how to tell that it did not. */
function modeIn(words: readonly string[]): Mode {
  const end = words.indexOf('--');
  const options = end < 0 ? words : words.slice(0, end);
  if (options.includes('--json')) return 'json';
  return options.includes('--quiet') || options.includes('-q') ? 'quiet' : 'people';
}

function commanderExit({ exitCode, code, message }: CommanderError, world: World, mode: Mode): number {
  // Asked for the help or the version.
  if (exitCode === 0) return exits.ok.code;
  if (mode === 'json' && code !== 'commander.help')
    report(usage(message.replace(/^error: /, '')), world.terminal.err, mode);
  return exits.usage.code;
}
