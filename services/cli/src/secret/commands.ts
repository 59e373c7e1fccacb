import { Command, Option } from 'commander';
import type { Action } from '../command/action.ts';
import { dryRunFlag } from '../plan/plan.ts';
import { deleteSecret, setSecret } from './change.ts';
import { listSecrets } from './list.ts';
import { readValues } from './values.ts';

/** Adds the options that say whose secrets are meant. */
const scoped = (command: Command): Command =>
  command
    .addOption(
      new Option(
        '-w, --workspace <workspace>',
        'those of this one: its id, the beginning of its id, or its name',
      ).conflicts('global'),
    )
    .addOption(new Option('-g, --global', 'those of all workspaces'));

/** `holdfast secret …`. */
export function secretCommands(action: Action): Command {
  const secret = new Command('secret').description('Keep the secrets that boxes get as variables.');
  scoped(secret.command('list').alias('ls').description('Lists the names of secrets, never their values.'))
    .addHelpText('after', '\nExamples:\n  holdfast secret list --global\n  holdfast secret list -w scout')
    .action(action(listSecrets));
  scoped(secret.command('set'))
    .description('Saves a secret. Its value comes from standard input or a prompt, so that no process list shows it.')
    .argument('<key>', 'name of the variable')
    .option('--value-file <path>', 'file whose content is the value, "-" for standard input')
    .option(...dryRunFlag)
    .addHelpText(
      'after',
      `
Examples:
  holdfast secret set ANTHROPIC_API_KEY --global             asks for the value
  pass show openai | holdfast secret set OPENAI_API_KEY -w scout
  holdfast secret set DEPLOY_KEY -w scout --value-file ~/.ssh/deploy
  holdfast secret set ANTHROPIC_API_KEY --global --dry-run   whom it would restart`,
    )
    .action(action(setSecret));
  scoped(secret.command('delete').alias('rm'))
    .description('Deletes a secret.')
    .argument('<key>', 'name of the variable')
    .option(...dryRunFlag)
    .addHelpText(
      'after',
      '\nExamples:\n  holdfast secret delete ANTHROPIC_API_KEY --global\n  holdfast secret delete OPENAI_API_KEY -w scout --dry-run',
    )
    .action(action(deleteSecret));
  secret
    .command('values')
    .description(
      'Prints every secret of a workspace in the clear, as a shell takes it. Only with a token of that workspace.',
    )
    .requiredOption('-w, --workspace <workspace>', 'the id of the workspace')
    .addHelpText('after', '\nExample:\n  holdfast secret values -w WORKSPACE --token-file scout.token')
    .action(action(readValues));
  return secret;
}
