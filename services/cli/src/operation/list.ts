import type { Api } from '../api/api.ts';
import type { Handler } from '../command/action.ts';
import { type Column, table } from '../terminal/table.ts';
import { age, between, duration } from '../terminal/time.ts';
import { workspaceId } from '../workspace/reference.ts';
import { type OperationKind, type OperationState, type OperationView, stateStyle } from './state-style.ts';

export interface ListOptions {
  readonly state?: OperationState | 'open';
  readonly kind?: OperationKind;
  readonly limit?: number;
}

/** `operation list`. */
export const listOperations: Handler<[reference: string | undefined], ListOptions> = async (session) => {
  const { api, args, options, output } = session;
  const [reference] = args;
  const query = {
    ...(options.state === undefined ? {} : { state: options.state }),
    ...(options.kind === undefined ? {} : { kind: options.kind }),
    ...(options.limit === undefined ? {} : { limit: options.limit }),
  };
  const listed =
    reference === undefined
      ? await api.call('GET /operations', { query })
      : await api.call('GET /workspaces/{id}/operations', {
          path: { id: await workspaceId(session, reference) },
          query,
        });
  const names =
    reference === undefined && output.mode === 'people' ? await workspaceNames(api) : new Map<string, string>();
  const now = Date.now();
  output.result({
    json: () => listed,
    quiet: () => listed.map(({ id }) => id),
    people: (paint, width) =>
      listed.length === 0
        ? ['No operations.']
        : table(listed, columns(now, reference === undefined ? names : undefined), { columns: width, paint }),
  });
};

/** @param names names of workspaces; undefined when all rows are of the same one */
const columns = (now: number, names: ReadonlyMap<string, string> | undefined): Column<OperationView>[] => [
  { title: 'ID', text: ({ id }) => id },
  ...(names
    ? [{ title: 'WORKSPACE', text: ({ workspace_id: id }: OperationView) => names.get(id) ?? id, least: 9 }]
    : []),
  { title: 'KIND', text: ({ kind }) => kind },
  { title: 'STATE', text: ({ state }) => state, style: ({ state }) => stateStyle(state) },
  { title: 'AGE', text: ({ accepted_at: at }) => age(at, now), align: 'right' },
  { title: 'TOOK', text: (operation) => tookOf(operation, now), align: 'right', spare: true },
  { title: 'BY', text: ({ actor }) => actor, spare: true },
  {
    title: 'NOW',
    text: ({ failure, phase, ended_at: ended }) => failure?.text ?? (ended === null ? (phase ?? '') : ''),
    least: 12,
    optional: true,
    spare: true,
  },
];

/** How long it has taken since it was asked for. */
export function tookOf({ accepted_at: from, ended_at: to }: OperationView, now: number): string {
  const ms = between(from, to ?? new Date(now).toISOString());
  return ms === undefined ? '' : duration(ms);
}

/** Names are a courtesy: who may not list workspaces sees ids. */
const workspaceNames = async (api: Api): Promise<ReadonlyMap<string, string>> =>
  api.call('GET /workspaces', {}).then(
    (listed) => new Map(listed.map(({ id, name }) => [id, name])),
    () => new Map<string, string>(),
  );
