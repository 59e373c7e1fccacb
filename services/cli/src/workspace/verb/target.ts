import { Failure } from '../../failure/failure.ts';
import type { Names } from '../../operation/tree-progress.ts';
import { type Listed, membersOf, subtreeOf, type TreeNode } from '../forest.ts';
import { isId, workspaceId, workspaceIdIn } from '../reference.ts';
import type { VerbCall } from './verb-call.ts';

/** The workspace a verb is for. */
export interface Target {
  readonly id: string;
  /** As a person wrote it: what the commands to go on with name it by. */
  readonly reference: string;
  /** It and those below it; undefined when it is not listed, or the verb is for it alone. */
  readonly tree: TreeNode | undefined;
  readonly names: Names;
}

/** Finds what is meant; for a verb that reaches further, also what is below. */
export async function aim(call: VerbCall, reach: 'one' | 'tree'): Promise<Target> {
  const [reference] = call.args;
  if (reach === 'one') return { id: await workspaceId(call, reference), reference, tree: undefined, names: new Map() };
  const listed = await call.api.call('GET /workspaces', {}).catch((error: unknown) => {
    // For who names it by its id, what is below is a courtesy.
    if (isId(reference) && error instanceof Failure && error.exit !== 'interrupted') return [];
    throw error;
  });
  const id = workspaceIdIn(listed, reference);
  const tree = subtreeOf(listed, id);
  return { id, reference, tree, names: namesOf(tree ? membersOf([tree]) : []) };
}

const namesOf = (workspaces: readonly Listed[]): Names => new Map(workspaces.map(({ id, name }) => [id, name]));
