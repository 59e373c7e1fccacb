import { Command, Option } from 'commander';
import type { Action } from '../command/action.ts';
import { wholeValue } from '../command/values.ts';
import { boxStates, listBoxes } from './list.ts';

const MOST_LISTED = 1_000;

/** `holdfast boxes …`. */
export function boxCommands(action: Action): Command {
  const boxes = new Command('boxes')
    .alias('box')
    .description('See the ledger of boxes: what runs, and what is owed and why.');
  boxes
    .command('list')
    .alias('ls')
    .description('Lists the boxes that are not gone; for one that is owed, why, and which operations touched it.')
    .argument('[workspace]', 'only of this one: its id, the beginning of its id, or its name')
    .addOption(new Option('--state <state>', 'only in this state').choices(boxStates))
    .option('--limit <n>', 'at most so many', wholeValue(1, MOST_LISTED))
    .addHelpText('after', '\nExamples:\n  holdfast boxes list --state owed\n  holdfast boxes list scout --state gone')
    .action(action(listBoxes));
  return boxes;
}
