import { Command } from 'commander';
import type { Action, Handler } from '../command/action.ts';
import { usage } from '../failure/failure.ts';
import { type DryRunOption, dryRunFlag, dryRunQuery, toldPlan } from '../plan/plan.ts';
import { printable } from '../terminal/text.ts';
import { workspaceId } from '../workspace/reference.ts';

const getModel: Handler<[reference: string], object> = async (session) => {
  const id = await workspaceId(session, session.args[0]);
  const found = await session.api.call('GET /workspaces/{id}/model', { path: { id } });
  session.output.result({
    json: () => found,
    quiet: () => (found.model === '' ? [] : [found.model]),
    people: (paint) => [found.model === '' ? paint('dim', 'the default of the runtime') : printable(found.model)],
  });
};

interface SetOptions extends DryRunOption {
  readonly clear?: true;
}

const setModel: Handler<[reference: string, model: string | undefined], SetOptions> = async (session) => {
  const { api, args, options, output } = session;
  const [reference, model] = args;
  if ((model === undefined) === (options.clear === undefined)) {
    throw usage('Which model?', 'name one, or add --clear to go back to the default of the runtime');
  }
  const id = await workspaceId(session, reference);
  const set = await api.call('PUT /workspaces/{id}/model', {
    path: { id },
    query: dryRunQuery(options.dryRun),
    body: { model: model ?? '' },
  });
  if (toldPlan(output, set, options, 'model set')) return;
  output.result({
    json: () => set,
    quiet: () => (set.model === undefined ? [] : [set.model]),
    people: (paint) => [`${paint('green', set.status)}${set.model === undefined ? '' : `  ${printable(set.model)}`}`],
  });
};

const reference = 'its id, the beginning of its id, or its name';

/** `holdfast model …`. */
export function modelCommands(action: Action): Command {
  const model = new Command('model').description('See and set the model a workspace uses.');
  model
    .command('get')
    .description('Shows the model a workspace was told to use.')
    .argument('<workspace>', reference)
    .addHelpText('after', '\nExample:\n  holdfast model get scout')
    .action(action(getModel));
  model
    .command('set')
    .description('Sets the model of a workspace, or clears it.')
    .argument('<workspace>', reference)
    .argument('[model]', 'as the runtime writes its models')
    .option('--clear', 'go back to the default of the runtime')
    .option(...dryRunFlag)
    .addHelpText(
      'after',
      '\nExamples:\n  holdfast model set scout anthropic/claude-opus\n  holdfast model set scout --clear --dry-run',
    )
    .action(action(setModel));
  return model;
}
