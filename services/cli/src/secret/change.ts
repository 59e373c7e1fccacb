import type { Handler } from '../command/action.ts';
import { printable } from '../terminal/text.ts';
import { secretValue } from './input.ts';
import { type ScopeOptions, scopeOf } from './scope.ts';

export interface SetOptions extends ScopeOptions {
  readonly valueFile?: string;
}

/** `secret set`. */
export const setSecret: Handler<[key: string], SetOptions> = async (session) => {
  const { api, args, options, output, world } = session;
  const [key] = args;
  const id = await scopeOf(session, options);
  const body = { key, value: await secretValue(world, key, options.valueFile) };
  const saved =
    id === null
      ? await api.call('PUT /settings/secrets', { body })
      : await api.call('PUT /workspaces/{id}/secrets', { path: { id }, body });
  output.result({
    json: () => saved,
    quiet: () => [saved.key],
    people: (paint) => [`${paint('green', 'saved')}  ${printable(saved.key)}`],
  });
};

/** `secret delete`. */
export const deleteSecret: Handler<[key: string], ScopeOptions> = async (session) => {
  const { api, args, options, output } = session;
  const [key] = args;
  const id = await scopeOf(session, options);
  const deleted =
    id === null
      ? await api.call('DELETE /settings/secrets/{key}', { path: { key } })
      : await api.call('DELETE /workspaces/{id}/secrets/{key}', { path: { id, key } });
  output.result({
    json: () => deleted,
    quiet: () => [deleted.key],
    people: (paint) => [`${paint('green', 'deleted')}  ${printable(deleted.key)}`],
  });
};
