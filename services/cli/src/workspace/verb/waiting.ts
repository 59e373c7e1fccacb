import { Failure } from '../../failure/failure.ts';
import { isEnded, type OperationView } from '../../operation/state-style.ts';
import { outcomeFailure } from '../../operation/outcome.ts';
import { tally, tookTogether } from '../../operation/tree-progress.ts';
import { waitForOperation } from '../../operation/wait.ts';
import { treeFailure, waitForTree } from '../../operation/wait-tree.ts';
import type { Answer } from '../../api/api.ts';
import type { Paint } from '../../terminal/paint.ts';
import { between, duration } from '../../terminal/time.ts';
import { paintedStatus } from '../card.ts';
import { onlineLine } from '../created-lines.ts';
import type { Target } from './target.ts';
import type { Told, VerbCall } from './verb-call.ts';

type WorkspaceView = Answer<'GET /workspaces/{id}'>;

/** How it ended. */
export interface Waited {
  /** What programs learn besides the answer. */
  readonly document: object;
  readonly failure: Failure | null;
  /** What a person reads at last. */
  readonly line?: string;
}

/** Waits for the operations of a verb; nothing to wait for is a good end. */
export async function waitFor(call: VerbCall, bringsUp: boolean, target: Target, told: Told): Promise<Waited> {
  const { paint } = call.terminal.out;
  const { timeout } = call.options;
  const treeId = told.operationId ?? told.operationIds?.[0];
  if (treeId === undefined) return { document: {}, failure: null };
  if ((told.count ?? 1) > 1 || told.operationIds !== undefined) {
    const request = { treeId, others: told.operationIds ?? [], names: target.names };
    const ended = await waitForTree(call, request, timeout, call.terminal.err);
    const took = tookTogether(ended);
    return {
      document: { operations: ended },
      failure: treeFailure(treeId, ended),
      line: [paint('green', tally(ended)), took === undefined ? undefined : `after ${took}`].filter(Boolean).join('  '),
    };
  }
  const operation = await waitForOperation(call, treeId, timeout);
  const failure = outcomeFailure(operation);
  const workspace = await lookAt(call, target.id);
  return {
    document: { operation, ...(workspace ? { status: workspace.status, workspace } : {}) },
    failure,
    line: bringsUp && workspace ? onlineLine(workspace, operation, paint) : endLine(operation, workspace, paint),
  };
}

/** Says how to watch what has not ended yet; for what has, whether it ended well. */
export async function tellRest(call: VerbCall, told: Told, goesOn: string): Promise<void> {
  const { api, output } = call;
  const id = told.operationId ?? told.operationIds?.[0];
  if (id === undefined) return;
  // A request over a tree may have no operation of its root.
  const operation = await unlessGone(api.call('GET /operations/{id}', { path: { id } }));
  const failure = operation && isEnded(operation.state) && (told.count ?? 1) === 1 ? outcomeFailure(operation) : null;
  if (failure) throw failure;
  const isOver = operation && isEnded(operation.state) && (told.count ?? 1) === 1;
  if (!isOver) output.note(`${goesOn}; to watch: holdfast operation watch ${id}`);
}

/** The workspace as it is now; null once it is erased. */
const lookAt = (call: VerbCall, id: string): Promise<WorkspaceView | null> =>
  unlessGone(call.api.call('GET /workspaces/{id}', { path: { id } }));

async function unlessGone<T>(asked: Promise<T>): Promise<T | null> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof Failure && error.exit === 'notFound') return null;
    throw error;
  }
}

function endLine(
  { accepted_at: from, ended_at: to, kind }: OperationView,
  workspace: WorkspaceView | null,
  paint: Paint,
) {
  const took = between(from, to);
  const status = workspace ? paintedStatus(workspace.status, paint) : `${kind} done`;
  return [status, took === undefined ? undefined : `after ${duration(took)}`].filter(Boolean).join('  ');
}
