import { setTimeout as sleep } from 'node:timers/promises';
import type { Api } from '../api/api.ts';
import { Failure } from '../failure/failure.ts';
import { treeMembers } from './pages.ts';
import { isEnded, type OperationView } from './state-style.ts';

/** The members are looked at this often: one request, however many there are. */
const LOOK_EVERY_MS = 500;

/** What is heard of a request over a tree: each member once it has ended, and between how things stand. */
export type HeardOfTree =
  | { readonly ended: OperationView }
  | { readonly open: readonly OperationView[]; readonly total: number };

/**
 * Follows the operations of a request over several workspaces until all of them have ended. One that was merged into
 * another is over when that one is.
 * @param treeId the request: the operation of the root, or what its members name as their parent
 * @param others operations that belong to it as well, named by the answer to the request
 */
export async function* followTree(
  api: Api,
  treeId: string,
  others: readonly string[] = [],
): AsyncGenerator<HeardOfTree> {
  const told = new Set<string>();
  let lostAt: number | undefined;
  for (;;) {
    try {
      const members = await lookAt(api, treeId, others);
      lostAt = undefined;
      for (const { id, now } of members.filter(({ id, now }) => isEnded(now.state) && !told.has(id))) {
        told.add(id);
        yield { ended: now };
      }
      const open = members.map(({ now }) => now).filter(({ state }) => !isEnded(state));
      yield { open, total: members.length };
      if (open.length === 0) return;
    } catch (error) {
      lostAt ??= Date.now();
      // Who waits anyway sits out a gateway that is started anew, as a stream of events does.
      const isAway = told.size > 0 && error instanceof Failure && error.exit === 'unavailable';
      if (!isAway || Date.now() - lostAt > api.transport.timing.reopenMs) throw error;
    }
    const { signal } = api.transport;
    await sleep(LOOK_EVERY_MS, undefined, { signal }).catch(() => signal.throwIfAborted());
  }
}

interface Member {
  readonly id: string;
  /** The operation itself, or the one it was merged into. */
  readonly now: OperationView;
}

async function lookAt(api: Api, treeId: string, others: readonly string[]): Promise<Member[]> {
  const [root, children] = await Promise.all([findOperation(api, treeId), treeMembers(api, treeId)]);
  const known = new Set([treeId, ...children.map(({ id }) => id)]);
  const named = await Promise.all(others.filter((id) => !known.has(id)).map((id) => findOperation(api, id)));
  const members = [root, ...children, ...named].filter((one) => one !== null);
  if (members.length === 0) {
    throw new Failure('notFound', 'operation not found', {
      code: 'OPERATION_NOT_FOUND',
      next: 'holdfast operation list',
    });
  }
  return Promise.all(members.map(async (one) => ({ id: one.id, now: await mergedInto(api, one) })));
}

/** The operation; null when there is none of this id: a request over a tree need not have one for its root. */
async function findOperation(api: Api, id: string): Promise<OperationView | null> {
  try {
    return await api.call('GET /operations/{id}', { path: { id } });
  } catch (error) {
    if (error instanceof Failure && error.exit === 'notFound') return null;
    throw error;
  }
}

async function mergedInto(api: Api, operation: OperationView): Promise<OperationView> {
  const into = operation.state === 'coalesced' ? operation.coalesced_into : null;
  const next = into === null ? null : await findOperation(api, into);
  return next ? mergedInto(api, next) : operation;
}

/**
 * Whether a request is over a tree. Its members say so; its root need not have an operation.
 * @throws Failure when there is neither an operation nor a member
 */
export async function isTree(api: Api, id: string): Promise<boolean> {
  const members = (): Promise<readonly OperationView[]> => treeMembers(api, id).catch(() => []);
  try {
    const { tree_root: root, parent_id: parent } = await api.call('GET /operations/{id}', { path: { id } });
    return root !== null && parent === null && (await members()).length > 0;
  } catch (error) {
    if (!(error instanceof Failure) || error.exit !== 'notFound') throw error;
    if ((await members()).length > 0) return true;
    throw error;
  }
}
