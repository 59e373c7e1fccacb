import type { Api } from '../api/api.ts';
import type { Handler } from '../command/action.ts';
import { pagedOperations } from '../operation/pages.ts';
import type { OperationView } from '../operation/state-style.ts';
import { workspaceId } from './reference.ts';
import type { EventView, Happening } from './happening.ts';
import { historyLines } from './history-lines.ts';

const USUAL_LIMIT = 50;

/** Broadcasts of every beat and every task would bury what happened. */
const isNoise = ({ event_type: type }: EventView): boolean =>
  !type.startsWith('WORKSPACE_') || type.endsWith('_HEARTBEAT');

export interface HistoryOptions {
  readonly limit?: number;
}

/** `workspace history`: what happened to a workspace, and why; the newest last. */
export const showHistory: Handler<[reference: string], HistoryOptions> = async (session) => {
  const { api, args, options, output } = session;
  const id = await workspaceId(session, args[0]);
  const limit = options.limit ?? USUAL_LIMIT;
  const [operations, events] = await Promise.all([
    pagedOperations(api, { workspace_id: id }, limit),
    api.call('GET /events/{workspaceId}', { path: { workspaceId: id } }),
  ]);
  const others = await mentioned(api, operations);
  const happenings: Happening[] = [
    ...operations.map((operation) => ({ at: operation.accepted_at, operation })),
    ...events.filter((event) => !isNoise(event)).map((event) => ({ at: event.created_at, event })),
  ].toSorted((a, b) => Date.parse(a.at) - Date.parse(b.at));
  const isCut = operations.length === limit;
  // Events that are older than the operations shown would stand there without their cause.
  const from = isCut ? (operations.at(-1)?.accepted_at ?? '') : '';
  const shown = happenings.filter(({ at }) => at >= from);
  output.result({
    json: () => shown,
    quiet: () => operations.map(({ id: operation }) => operation).toReversed(),
    people: (paint, width) =>
      shown.length === 0 ? ['Nothing is known to have happened to it.'] : historyLines(shown, others, paint, width),
  });
  if (isCut) output.note(`There may be more before that: add --limit ${limit * 2}.`);
};

/** The operations that are named as causes, by their ids; those of other workspaces are looked up. */
async function mentioned(api: Api, operations: readonly OperationView[]): Promise<ReadonlyMap<string, OperationView>> {
  const known = new Map(operations.map((operation) => [operation.id, operation]));
  const named = operations.flatMap(({ superseded_by: by, coalesced_into: into }) => [by ?? [], into ?? []].flat());
  const unknown = [...new Set(named)].filter((id) => !known.has(id));
  const found = await Promise.all(
    unknown.map((id) => api.call('GET /operations/{id}', { path: { id } }).catch(() => null)),
  );
  for (const operation of found) if (operation) known.set(operation.id, operation);
  return known;
}
