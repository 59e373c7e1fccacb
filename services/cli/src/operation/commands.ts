import { Command, Option } from 'commander';
import type { Action } from '../command/action.ts';
import { durationValue, wholeValue } from '../command/values.ts';
import { getOperation } from './get.ts';
import { listOperations } from './list.ts';
import { operationKinds, operationStates } from './state-style.ts';
import { watchOperation } from './watch.ts';

const MOST_LISTED = 500;

/** `holdfast operation …`. */
export function operationCommands(action: Action): Command {
  const operation = new Command('operation').alias('op').description('See and follow what is done to workspaces.');
  operation
    .command('list')
    .alias('ls')
    .description('Lists operations, newest first; also those of a workspace that was purged.')
    .argument('[workspace]', 'only of this one: its id, the beginning of its id, or its name')
    .addOption(
      new Option('--state <state>', 'only in this state; "open" is accepted or running').choices([
        ...operationStates,
        'open',
      ]),
    )
    .addOption(new Option('--kind <kind>', 'only of this kind').choices(operationKinds))
    .option('--limit <n>', 'at most so many', wholeValue(1, MOST_LISTED))
    .addHelpText('after', '\nExamples:\n  holdfast operation list scout\n  holdfast operation list --state failed')
    .action(action(listOperations));
  operation
    .command('get')
    .description('Shows one operation with its steps.')
    .argument('<operation>', 'its id')
    .action(action(getOperation));
  operation
    .command('watch')
    .description('Follows an operation to its end. A connection that breaks is taken up again where it was.')
    .argument('<operation>', 'its id')
    .option('--timeout <duration>', 'stop after this, such as 90s or 10m', durationValue)
    .addHelpText('after', '\nWith --json every line is one document: {"step": …} as they happen, and {"end": …}.')
    .action(action(watchOperation));
  return operation;
}
