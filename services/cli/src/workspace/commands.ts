import { Command, InvalidArgumentError, Option } from 'commander';
import type { Action } from '../command/action.ts';
import { centsValue, durationValue, gathered, jsonObjectValue, listOf, wholeValue } from '../command/values.ts';
import { dryRunFlag } from '../plan/plan.ts';
import { getBudget, limitValue, setBudget } from './budget.ts';
import { showConsole } from './console.ts';
import { createWorkspace } from './create.ts';
import { getWorkspace } from './get.ts';
import { showHistory } from './history.ts';
import { listWorkspaces } from './list.ts';
import { workspaceStatuses } from './status-style.ts';
import { showTree } from './tree.ts';
import { updateWorkspace } from './update.ts';
import { verbCommands } from './verb/commands.ts';
import { waitWorkspace } from './wait.ts';

const MOST_TIER = 4;
const reference = 'its id, the beginning of its id, or its name';

/** `holdfast workspace …`. */
export function workspaceCommands(action: Action): Command {
  const workspace = new Command('workspace').alias('ws').description('Make, see, change and delete workspaces.');
  workspace.addCommand(createCommand(action));
  workspace
    .command('list')
    .alias('ls')
    .description('Lists the workspaces that are not removed.')
    .option('--status <status>', 'only with this status (repeatable, or with commas)', listOf(workspaceStatuses))
    .addHelpText('after', '\nExamples:\n  holdfast workspace list\n  holdfast workspace list --status failed,degraded')
    .action(action(listWorkspaces));
  workspace
    .command('get')
    .description('Shows one workspace.')
    .argument('<workspace>', reference)
    .addHelpText('after', '\nExamples:\n  holdfast workspace get scout\n  holdfast workspace get scout --json')
    .action(action(getWorkspace));
  workspace
    .command('tree')
    .description('Shows who is below whom, with what is being done to each.')
    .argument('[workspace]', 'only this one and what is below it')
    .option('--watch', 'show it anew every second, until Ctrl-C')
    .addHelpText('after', '\nExamples:\n  holdfast workspace tree\n  holdfast workspace tree scout --watch')
    .action(action(showTree));
  workspace
    .command('history')
    .description('Tells what happened to a workspace and why, the newest last; also of one that was purged, by its id.')
    .argument('<workspace>', reference)
    .option('--limit <n>', 'at most so many operations (default: 50)', wholeValue(1))
    .addHelpText(
      'after',
      '\nExamples:\n  holdfast workspace history scout\n  holdfast workspace history scout --limit 5',
    )
    .action(action(showHistory));
  workspace
    .command('wait')
    .description('Waits until a workspace has a status. Fails when it cannot get there by itself any more.')
    .argument('<workspace>', reference)
    .option('--for <status>', 'this status (repeatable, or with commas; default: online)', listOf(workspaceStatuses))
    .option('--timeout <duration>', 'give up after this, such as 90s or 10m', durationValue)
    .addHelpText(
      'after',
      '\nExamples:\n  holdfast workspace wait scout --timeout 5m\n  holdfast workspace wait scout --for paused,hibernated',
    )
    .action(action(waitWorkspace));
  workspace.addCommand(updateCommand(action));
  for (const verb of verbCommands(action)) workspace.addCommand(verb);
  workspace.addCommand(budgetCommands(action));
  workspace
    .command('console')
    .description('Shows what its box wrote while it booted. Only boxes of a control plane keep that.')
    .argument('<workspace>', reference)
    .addHelpText('after', '\nExample:\n  holdfast workspace console scout')
    .action(action(showConsole));
  return workspace;
}

function budgetCommands(action: Action): Command {
  const budget = new Command('budget').description('See and set what a workspace may spend in a month.');
  budget
    .command('get')
    .description('Shows the limit, what is spent and what is left.')
    .argument('<workspace>', reference)
    .addHelpText('after', '\nExample:\n  holdfast workspace budget get scout')
    .action(action(getBudget));
  budget
    .command('set')
    .description('Sets the limit, or takes it away.')
    .argument('<workspace>', reference)
    .argument('<dollars>', 'such as 20 or 12.50, or "none"', limitValue)
    .option(...dryRunFlag)
    .addHelpText(
      'after',
      '\nExamples:\n  holdfast workspace budget set scout 20\n  holdfast workspace budget set scout none --dry-run',
    )
    .action(action(setBudget));
  return budget;
}

const createCommand = (action: Action): Command =>
  new Command('create')
    .description('Creates a workspace and has its box made.')
    .argument('<name>', 'what people call it')
    .option('--runtime <name>', 'what runs in the box')
    .option('--template <name>', 'folder of the template root that its files come from')
    .option('--tier <tier>', '1 sandboxed, 2 standard, 3 privileged, 4 full host', wholeValue(1, MOST_TIER))
    .option('--model <model>', 'model the agent uses')
    .option('--role <text>', 'what it is there for')
    .option('--parent <workspace>', 'workspace it belongs to')
    .option('--external', 'its agent is run by somebody else: no box is made')
    .option('--url <url>', 'where the external agent is reached; implies --external')
    .option('--dir <path>', 'directory of the host to mount at /workspace')
    .addOption(
      new Option('--access <access>', 'what it may do with --dir').choices(['none', 'read_only', 'read_write']),
    )
    .addOption(new Option('--delivery <mode>', 'how messages get to an external agent').choices(['push', 'poll']))
    .option(
      '--secret <key[=value]>',
      'secret; without a value it is asked for, or read from standard input (repeatable)',
      gathered,
    )
    .option('--secret-file <path>', 'file of KEY=VALUE lines, "-" for standard input (repeatable)', gathered)
    .option('--budget <dollars>', 'most it may spend a month, such as 20 or 12.50', centsValue)
    .option('--max-tasks <n>', 'tasks it takes at a time', wholeValue(1))
    .option('--compute <json>', 'where its box runs and what it is, as a JSON object', jsonObjectValue)
    .option('--idempotency-key <key>', 'repeating the command with the same key creates nothing again')
    .option('--dry-run', 'show what it would do, and create nothing')
    .option('--wait', 'wait until it is online, or has failed')
    .option('--timeout <duration>', 'stop waiting after this, such as 90s or 10m', durationValue)
    .addHelpText(
      'after',
      `
Examples:
  holdfast workspace create scout --wait
  holdfast workspace create scout --secret ANTHROPIC_API_KEY            asks for the value
  pass show openai | holdfast workspace create scout --secret OPENAI_API_KEY
  holdfast workspace create remote --external --url https://agent.example.com
  id=$(holdfast workspace create scout --quiet --wait)`,
    )
    .action(action(createWorkspace));

const updateCommand = (action: Action): Command =>
  new Command('update')
    .description('Changes a workspace. "none" clears a field.')
    .argument('<workspace>', reference)
    .option('--name <name>', 'what people call it')
    .option('--role <text>', 'what it is there for')
    .option('--tier <tier>', '1 sandboxed, 2 standard, 3 privileged, 4 full host', wholeValue(1, MOST_TIER))
    .option('--runtime <name>', 'what runs in the box')
    .option('--parent <workspace>', 'workspace it belongs to')
    .option('--dir <path>', 'directory of the host to mount at /workspace')
    .option('--collapsed', 'show it with its children folded away')
    .option('--no-collapsed', 'show its children')
    .option('--position <x,y>', 'where it is on the canvas', positionValue)
    .option(...dryRunFlag)
    .addHelpText(
      'after',
      '\nExamples:\n  holdfast workspace update scout --name ranger\n  holdfast workspace update scout --parent none --dry-run',
    )
    .action(action(updateWorkspace));

function positionValue(text: string): { x: number; y: number } {
  const [x, y, ...more] = text.split(',').map((part) => (part.trim() === '' ? Number.NaN : Number(part)));
  if (x === undefined || y === undefined || !Number.isFinite(x) || !Number.isFinite(y) || more.length > 0) {
    throw new InvalidArgumentError('Write it as X,Y, such as 120,-40.');
  }
  return { x, y };
}
