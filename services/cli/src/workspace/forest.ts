import type { Answer } from '../api/api.ts';

export type Listed = Answer<'GET /workspaces'>[number];

/** A workspace with those below it. */
export interface TreeNode {
  readonly workspace: Listed;
  readonly children: readonly TreeNode[];
}

/** The workspaces as trees, in the order they are listed in. One whose parent is not listed is a root. */
export function forestOf(listed: readonly Listed[]): TreeNode[] {
  const ids = new Set(listed.map(({ id }) => id));
  const below = Map.groupBy(listed, ({ parent_id: parent }) => parent ?? '');
  return listed
    .filter(({ parent_id: parent }) => parent === null || !ids.has(parent))
    .map((workspace) => nodeOf(workspace, below));
}

/** A workspace and all below it; undefined when it is not listed. */
export function subtreeOf(listed: readonly Listed[], id: string): TreeNode | undefined {
  const root = listed.find((workspace) => workspace.id === id);
  return (
    root &&
    nodeOf(
      root,
      Map.groupBy(listed, ({ parent_id: parent }) => parent ?? ''),
    )
  );
}

const nodeOf = (workspace: Listed, below: ReadonlyMap<string, readonly Listed[]>): TreeNode => ({
  workspace,
  children: (below.get(workspace.id) ?? []).map((child) => nodeOf(child, below)),
});

/** Everything below some roots, and they themselves, each before its children. */
export const membersOf = (nodes: readonly TreeNode[]): Listed[] =>
  nodes.flatMap(({ workspace, children }) => [workspace, ...membersOf(children)]);

/** One line of a drawn tree. */
export interface Branch {
  /** What stands before the name. */
  readonly lead: string;
  readonly workspace: Listed;
}

const drawn = { child: '├─ ', last: '└─ ', beside: '│  ', below: '   ' };
const indented = { child: '  ', last: '  ', beside: '  ', below: '  ' };

/** @param isDrawn with lines for a terminal; otherwise indented only */
export function branchesOf(nodes: readonly TreeNode[], isDrawn: boolean): Branch[] {
  const marks = isDrawn ? drawn : indented;
  const grow = (children: readonly TreeNode[], lead: string): Branch[] =>
    children.flatMap(({ workspace, children: further }, index) => {
      const isLast = index === children.length - 1;
      return [
        { lead: lead + (isLast ? marks.last : marks.child), workspace },
        ...grow(further, lead + (isLast ? marks.below : marks.beside)),
      ];
    });
  return nodes.flatMap(({ workspace, children }) => [{ lead: '', workspace }, ...grow(children, '')]);
}
