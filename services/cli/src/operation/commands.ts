import { Command, Option } from 'commander';
import type { Action } from '../command/action.ts';
import { momentValue } from '../command/moment.ts';
import { durationValue, wholeValue } from '../command/values.ts';
import { dryRunFlag } from '../plan/plan.ts';
import { cancelOperation } from './cancel.ts';
import { getOperation } from './get.ts';
import { listOperations } from './list.ts';
import { retryOperation } from './retry.ts';
import { operationKinds, operationStates } from './state-style.ts';
import { watchOperation } from './watch.ts';

const MOST_LISTED = 100_000;

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
    .option('--workspace <workspace>', 'the same as the argument')
    .option('--failed-today', 'what failed since midnight')
    .option('--actor <actor>', 'only what this one asked for, as the list shows it')
    .option('--failure-code <code>', 'only what failed with this code, such as AGENT_TIMEOUT')
    .option('--parent <operation>', 'only the members of this request over a tree')
    .option(
      '--since <moment>',
      'accepted at this moment or later: 2h (ago), today, 2026-01-31, an RFC 3339 timestamp',
      momentValue,
    )
    .option('--until <moment>', 'accepted before this moment', momentValue)
    .option('--before <seq>', 'older than this one; how to get the next page is said below each', wholeValue(1))
    .option('--limit <n>', 'at most so many (default: 50)', wholeValue(1, MOST_LISTED))
    .addHelpText(
      'after',
      `
Examples:
  holdfast operation list scout
  holdfast operation list --failed-today
  holdfast operation list --state open
  holdfast operation list --kind restart --since 2h --actor admin-token
  holdfast operation list --failure-code AGENT_TIMEOUT --since 2026-01-31`,
    )
    .action(action(listOperations));
  operation
    .command('get')
    .description('Shows one operation with its steps.')
    .argument('<operation>', 'its id')
    .addHelpText('after', '\nExamples:\n  holdfast operation get OPERATION\n  holdfast operation get OPERATION --json')
    .action(action(getOperation));
  operation
    .command('watch')
    .description(
      'Follows an operation to its end, or all of a request over a tree. A connection that breaks is taken up again where it was.',
    )
    .argument('<operation>', 'its id')
    .option('--timeout <duration>', 'stop after this, such as 90s or 10m', durationValue)
    .addHelpText(
      'after',
      '\nWith --json every line is one document: {"step": …} as they happen, and {"end": …};\nof a tree {"member": …} as each ends, and {"end": [all of them]}.\n\nExamples:\n  holdfast operation watch OPERATION\n  holdfast operation watch OPERATION --timeout 5m --json',
    )
    .action(action(watchOperation));
  changing(operation.command('cancel'), 'until it has ended')
    .description(
      'Ends an operation before its work is done, and undoes what it has begun. Pauses and deletes only finish.',
    )
    .addHelpText(
      'after',
      '\nExamples:\n  holdfast operation cancel OPERATION --wait\n  holdfast operation cancel OPERATION --dry-run',
    )
    .action(action(cancelOperation));
  changing(operation.command('retry'), 'until the new operation has ended')
    .description('Does again what failed or was cancelled, as long as nothing came after it in the same workspace.')
    .addHelpText(
      'after',
      '\nExamples:\n  holdfast operation retry OPERATION --wait\n  holdfast operation retry OPERATION --dry-run',
    )
    .action(action(retryOperation));
  return operation;
}

/** What the commands have in common that change something. */
const changing = (command: Command, waits: string): Command =>
  command
    .argument('<operation>', 'its id')
    .option(...dryRunFlag)
    .option('--wait', `wait ${waits}`)
    .option('--timeout <duration>', 'stop waiting after this, such as 90s or 10m', durationValue)
    .option('--idempotency-key <key>', 'repeating the command with the same key does nothing again');
