import type { Api } from '../api/api.ts';
import type { Handler } from '../command/action.ts';
import { today } from '../command/moment.ts';
import { usage } from '../failure/failure.ts';
import { type Column, table } from '../terminal/table.ts';
import { age, between, duration } from '../terminal/time.ts';
import { workspaceId } from '../workspace/reference.ts';
import { type OperationFilters, pagedOperations } from './pages.ts';
import { type OperationKind, type OperationState, type OperationView, stateStyle } from './state-style.ts';

/** A screen or two. */
const USUAL_LIMIT = 50;

export interface ListOptions {
  readonly workspace?: string;
  readonly state?: OperationState | 'open';
  readonly failedToday?: true;
  readonly kind?: OperationKind;
  readonly actor?: string;
  readonly failureCode?: string;
  readonly parent?: string;
  readonly since?: string;
  readonly until?: string;
  readonly before?: number;
  readonly limit?: number;
}

/** `operation list`. */
export const listOperations: Handler<[reference: string | undefined], ListOptions> = async (session) => {
  const { api, args, options, output } = session;
  const reference = args[0] ?? options.workspace;
  const filters = filtersOf(options, reference === undefined ? undefined : await workspaceId(session, reference));
  const limit = options.limit ?? USUAL_LIMIT;
  const listed = await pagedOperations(api, filters, limit);
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
  const last = listed.at(-1);
  if (last && listed.length === limit)
    output.note(`There may be older ones: add --before ${last.seq}, or a higher --limit.`);
};

function filtersOf(options: ListOptions, workspace: string | undefined): OperationFilters {
  const { state, kind, actor, failureCode, parent, since, until, before, failedToday } = options;
  if (failedToday && (state ?? since) !== undefined)
    throw usage('--failed-today is a --state and a --since of its own.', 'leave those out');
  const from = failedToday ? today() : since;
  const wanted = failedToday ? 'failed' : state;
  return {
    ...(workspace === undefined ? {} : { workspace_id: workspace }),
    ...(wanted === undefined ? {} : { state: wanted }),
    ...(kind === undefined ? {} : { kind }),
    ...(actor === undefined ? {} : { actor }),
    ...(failureCode === undefined ? {} : { failure_code: failureCode }),
    ...(parent === undefined ? {} : { parent_id: parent }),
    ...(from === undefined ? {} : { since: from }),
    ...(until === undefined ? {} : { until }),
    ...(before === undefined ? {} : { before }),
  };
}

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
export const workspaceNames = async (api: Api): Promise<ReadonlyMap<string, string>> =>
  api.call('GET /workspaces', {}).then(
    (listed) => new Map(listed.map(({ id, name }) => [id, name])),
    () => new Map<string, string>(),
  );
