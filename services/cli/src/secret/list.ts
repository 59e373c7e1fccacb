import type { Answer } from '../api/api.ts';
import type { Handler } from '../command/action.ts';
import { type Column, table } from '../terminal/table.ts';
import { age } from '../terminal/time.ts';
import { type ScopeOptions, scopeOf } from './scope.ts';

type Row = Answer<'GET /settings/secrets'>[number];

const columns = (now: number): Column<Row>[] => [
  { title: 'KEY', text: ({ key }) => key },
  { title: 'SCOPE', text: ({ scope }) => scope, style: ({ scope }) => (scope === 'global' ? 'dim' : undefined) },
  { title: 'CHANGED', text: ({ updated_at: at }) => `${age(at, now)} ago` },
];

/** `secret list`: names, never values. */
export const listSecrets: Handler<[], ScopeOptions> = async (session) => {
  const { api, options, output } = session;
  const id = await scopeOf(session, options);
  const listed =
    id === null
      ? await api.call('GET /settings/secrets', {})
      : await api.call('GET /workspaces/{id}/secrets', { path: { id } });
  output.result({
    json: () => listed,
    quiet: () => listed.map(({ key }) => key),
    people: (paint, width) =>
      listed.length === 0 ? ['No secrets.'] : table(listed, columns(Date.now()), { columns: width, paint }),
  });
};
