import type { Argument, Command, Option } from 'commander';

/** What could be meant at the end of a command line. */
export interface Place {
  /** Fixed words, each with a few words about it. */
  readonly words: readonly (readonly [word: string, about: string])[];
  /** Ids of this kind fit as well; they are looked up. */
  readonly ids: 'workspace' | 'operation' | null;
}

const nowhere: Place = { words: [], ids: null };

/** Finds what fits after some complete words; the program's own tree says it, so that it cannot be out of date. */
export function placeAfter(program: Command, words: readonly string[], current: string): Place {
  let command = program;
  let given = 0;
  for (let index = 0; index < words.length; index += 1) {
    const word = words[index] ?? '';
    if (word.startsWith('-')) {
      const option = optionsOf(command).find(({ short, long }) => word === short || word === long);
      if (option?.required && index === words.length - 1)
        return valuesOf(option, /<([\w-]+)>/.exec(option.flags)?.[1] ?? '');
      if (option?.required) index += 1;
      continue;
    }
    const next =
      given === 0 ? command.commands.find((one) => one.name() === word || one.aliases().includes(word)) : undefined;
    if (next) command = next;
    else given += 1;
  }
  if (current.startsWith('-')) return { words: visibleOptions(command), ids: null };
  if (command.commands.length > 0) return { words: visibleCommands(command), ids: null };
  const argument = command.registeredArguments[given];
  return argument ? valuesOf(argument, argument.name()) : nowhere;
}

/** The options a command takes: its own and those of the commands above it. */
function optionsOf(command: Command): readonly Option[] {
  return command.parent ? [...command.options, ...optionsOf(command.parent)] : command.options;
}

function valuesOf({ argChoices = [] }: Option | Argument, name: string): Place {
  return { words: argChoices.map((choice) => [choice, '']), ids: idsOf(name) };
}

/** What is meant by a value is what its help calls it: `--parent <workspace>`. */
function idsOf(name: string): Place['ids'] {
  return name === 'workspace' || name === 'operation' ? name : null;
}

const visibleOptions = (command: Command): [string, string][] => [
  ...optionsOf(command)
    .filter(({ hidden }) => !hidden)
    .map(({ long, short, description }): [string, string] => [long ?? short ?? '', description]),
  ['--help', 'what it does'],
];

const visibleCommands = (command: Command): [string, string][] =>
  command
    .createHelp()
    .visibleCommands(command)
    .map((one) => [one.name(), one.summary() || one.description()]);
