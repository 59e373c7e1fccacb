import { Command } from 'commander';
import type { Action } from '../../command/action.ts';
import { durationValue } from '../../command/values.ts';
import { dryRunFlag } from '../../plan/plan.ts';
import { deleteWorkspace } from '../delete.ts';
import { collapseWorkspace } from './collapse.ts';
import { hibernateWorkspace, wakeWorkspace } from './hibernate.ts';
import { pauseWorkspace, resumeWorkspace } from './pause.ts';
import { restartWorkspace } from './restart.ts';
import { switchWorkspace } from './switch.ts';

/** The commands that change what a workspace does, in the order the help lists them. */
export const verbCommands = (action: Action): Command[] => [
  verb('restart', 'until it is online, or has failed')
    .description('Replaces its box by a new one. Several restarts at once become one.')
    .option('--template <name>', 'apply this template of the template root')
    .option('--apply-template', 'apply the template that has its name, else the default of its runtime')
    .option('--rebuild-config', 'apply the template of its org that has its name')
    .option('--reset', 'forget the sessions of the agent')
    .addHelpText(
      'after',
      '\nExamples:\n  holdfast workspace restart scout --wait\n  holdfast workspace restart scout --template researcher --reset',
    )
    .action(action(restartWorkspace)),
  verb('pause', 'until every box is stopped')
    .description('Stops its boxes and those of everything below it. It stays as it is until it is resumed.')
    .option('-y, --yes', 'ask nothing')
    .addHelpText(
      'after',
      '\nExamples:\n  holdfast workspace pause scout --wait\n  holdfast workspace pause scout --dry-run',
    )
    .action(action(pauseWorkspace)),
  verb('resume', 'until all of them are online, or have failed')
    .description('Brings a paused workspace online again, with the paused ones below it.')
    .addHelpText('after', '\nExamples:\n  holdfast workspace resume scout --wait')
    .action(action(resumeWorkspace)),
  verb('hibernate', 'until its box is stopped')
    .description('Stops its box until it is woken. Refused while it works at something, unless forced.')
    .option('--force', 'also while it works at something')
    .addHelpText('after', '\nExamples:\n  holdfast workspace hibernate scout\n  holdfast workspace wake scout --wait')
    .action(action(hibernateWorkspace)),
  verb('wake', 'until it is online, or has failed')
    .description('Brings a hibernated workspace online.')
    .addHelpText('after', '\nExample:\n  holdfast workspace wake scout --wait')
    .action(action(wakeWorkspace)),
  verb('switch', 'until it is online in the other cloud, or back where it was')
    .description('Moves its box to another cloud. When that fails it comes back where it was.')
    .requiredOption('--to <provider>', 'aws, gcp or hetzner')
    .option('--confirm-data-loss', 'also when it keeps data on a volume, which does not move')
    .addHelpText(
      'after',
      '\nExamples:\n  holdfast workspace switch scout --to hetzner --wait\n  holdfast workspace switch scout --to gcp --dry-run',
    )
    .action(action(switchWorkspace)),
  verb('collapse', 'until every box is stopped')
    .description('Removes everything below a workspace; the workspace itself stays.')
    .option('-y, --yes', 'ask nothing')
    .addHelpText(
      'after',
      '\nExamples:\n  holdfast workspace collapse scout --dry-run\n  holdfast workspace collapse scout --yes --wait',
    )
    .action(action(collapseWorkspace)),
  verb('delete', 'until every box is stopped')
    .alias('rm')
    .description('Removes a workspace and everything below it, and stops their boxes. Repeating it is safe.')
    .option('-y, --yes', 'delete what is below it as well, and ask nothing')
    .option('--confirm', 'the same as --yes')
    .option('--purge', 'erase its data, secrets and tokens too')
    .addHelpText(
      'after',
      '\nExamples:\n  holdfast workspace delete scout --wait\n  holdfast workspace delete scout --purge --yes\n  holdfast workspace delete scout --dry-run',
    )
    .action(action(deleteWorkspace)),
];

/** A command with what all of them take. */
const verb = (name: string, waits: string): Command =>
  new Command(name)
    .argument('<workspace>', 'its id, the beginning of its id, or its name')
    .option(...dryRunFlag)
    .option('--wait', `wait ${waits}`)
    .option('--timeout <duration>', 'stop waiting after this, such as 90s or 10m', durationValue)
    .option('--idempotency-key <key>', 'repeating the command with the same key does nothing again');
