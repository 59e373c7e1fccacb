import { Argument, Command } from 'commander';
import { Api } from '../api/api.ts';
import { openSession, type Session, type World } from '../command/session.ts';
import { placeAfter } from './candidates.ts';
import { type Shell, scripts } from './scripts.ts';

/** Somebody waits with a finger on the key. */
const PATIENCE_MS = 1_500;
const MOST_OPERATIONS = 20;
/** A word that any shell takes as it is. */
const isPlain = (word: string): boolean => /^[\w.@%+,/:=-]+$/.test(word);

/** `holdfast completion SHELL`, and what its scripts call. */
export function completionCommands(program: Command, world: World): Command[] {
  const completion = new Command('completion')
    .summary('Print the script that completes commands in a shell.')
    .description(
      'Prints the script that completes commands, workspaces and operations in a shell. Its first lines say where to put it.',
    )
    .addArgument(new Argument('<shell>', 'which shell').choices(Object.keys(scripts)))
    .addHelpText(
      'after',
      '\nExamples:\n  holdfast completion bash > /etc/bash_completion.d/holdfast\n  source <(holdfast completion zsh)',
    )
    .action((shell: Shell) => world.terminal.out.write(scripts[shell]));
  const complete = new Command('__complete').argument('[words...]').action(async (words: string[]) => {
    for (const [word, about] of await candidates(program, world, words))
      world.terminal.out.write(`${word}\t${about}\n`);
  });
  return [completion, complete];
}

async function candidates(
  program: Command,
  world: World,
  words: readonly string[],
): Promise<readonly (readonly [string, string])[]> {
  const current = words.at(-1) ?? '';
  const { words: fixed, ids } = placeAfter(program, words.slice(0, -1), current);
  // A gateway that is away leaves the line as it is.
  const found = ids === null ? [] : await (ids === 'workspace' ? workspaces : operations)(world).catch(() => []);
  return [...fixed, ...found].filter(([word]) => word.startsWith(current) && isPlain(word));
}

async function workspaces(world: World): Promise<[string, string][]> {
  const listed = await apiOf(world).call('GET /workspaces', {});
  return listed.map(({ id, name, status }) => (isPlain(name) ? [name, `${status} ${id}`] : [id, status]));
}

async function operations(world: World): Promise<[string, string][]> {
  const listed = await apiOf(world).call('GET /operations', { query: { limit: MOST_OPERATIONS } });
  return listed.map(({ id, kind, state }) => [id, `${kind} ${state}`]);
}

function apiOf(world: World): Api {
  const session: Session = openSession(world, { quiet: true });
  return new Api({ ...session.api.transport, timing: { ...world.timing, answerMs: PATIENCE_MS, retryMs: [] } });
}
