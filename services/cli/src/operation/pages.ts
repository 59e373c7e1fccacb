import type { Api, Input } from '../api/api.ts';
import type { OperationView } from './state-style.ts';

export type OperationFilters = NonNullable<Input<'GET /operations'>['query']>;

/** The gateway answers at most so many at once. */
const MOST_IN_A_PAGE = 500;

/** Operations, newest first, over as many pages as it takes. */
export async function pagedOperations(api: Api, filters: OperationFilters, limit: number): Promise<OperationView[]> {
  const found: OperationView[] = [];
  for (;;) {
    const wanted = Math.min(MOST_IN_A_PAGE, limit - found.length);
    const last = found.at(-1);
    const query = { ...filters, limit: wanted, ...(last ? { before: last.seq } : {}) };
    const page: readonly OperationView[] = await api.call('GET /operations', { query });
    found.push(...page);
    if (page.length < wanted || found.length >= limit) return found;
  }
}

/** Every operation that has not ended, by workspace; the one that runs first, then those that wait, oldest first. */
export async function openOperations(api: Api): Promise<ReadonlyMap<string, readonly OperationView[]>> {
  const open = await pagedOperations(api, { state: 'open' }, Number.POSITIVE_INFINITY);
  const isRunning = ({ state }: OperationView): number => (state === 'running' ? 0 : 1);
  return Map.groupBy(
    open.toSorted((a, b) => isRunning(a) - isRunning(b) || a.seq - b.seq),
    ({ workspace_id: id }) => id,
  );
}

/** The members of one request over a tree, oldest first; without the root's own operation. */
export const treeMembers = async (api: Api, treeId: string): Promise<OperationView[]> =>
  (await pagedOperations(api, { parent_id: treeId }, Number.POSITIVE_INFINITY)).toReversed();
