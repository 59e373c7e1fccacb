import type { Handler } from '../command/action.ts';
import { type DryRunOption, dryRunQuery, toldPlan } from '../plan/plan.ts';
import { printable } from '../terminal/text.ts';
import { secretValue } from './input.ts';
import { type ScopeOptions, scopeOf } from './scope.ts';

export interface SetOptions extends ScopeOptions, DryRunOption {
  readonly valueFile?: string;
}

/** `secret set`. */
export const setSecret: Handler<[key: string], SetOptions> = async (session) => {
  const { api, args, options, output, world } = session;
  const [key] = args;
  const id = await scopeOf(session, options);
  const query = dryRunQuery(options.dryRun);
  const body = { key, value: await secretValue(world, key, options.valueFile) };
  const saved =
    id === null
      ? await api.call('PUT /settings/secrets', { query, body })
      : await api.call('PUT /workspaces/{id}/secrets', { path: { id }, query, body });
  if (toldPlan(output, saved, options, 'secret set')) return;
  output.result({
    json: () => saved,
    quiet: () => [saved.key],
    people: (paint) => [`${paint('green', 'saved')}  ${printable(saved.key)}`],
  });
};

/** `secret delete`. */
export const deleteSecret: Handler<[key: string], ScopeOptions & DryRunOption> = async (session) => {
  const { api, args, options, output } = session;
  const [key] = args;
  const id = await scopeOf(session, options);
  const query = dryRunQuery(options.dryRun);
  const deleted =
    id === null
      ? await api.call('DELETE /settings/secrets/{key}', { path: { key }, query })
      : await api.call('DELETE /workspaces/{id}/secrets/{key}', { path: { id, key }, query });
  if (toldPlan(output, deleted, options, 'secret delete')) return;
  output.result({
    json: () => deleted,
    quiet: () => [deleted.key],
    people: (paint) => [`${paint('green', 'deleted')}  ${printable(deleted.key)}`],
  });
};
