import type { SearchAttributePair } from '@temporalio/common';
import type { OperationKind } from './operation.ts';
import { searchAttributesOf } from './search-attributes.ts';

/** What may be asked of a whole tree. Each is one workflow type. */
export const treeTypes = {
  pause: 'pauseTree',
  resume: 'resumeTree',
  delete: 'deleteTree',
  collapse: 'collapseTree',
} as const;
export type TreeType = (typeof treeTypes)[keyof typeof treeTypes];

/** The workflow id of a tree: one execution serves all that is asked for below a workspace. */
export const treeWorkflowId = (rootId: string): string => `tree:${rootId}`;

export interface TreeInput {
  readonly rootId: string;
  readonly orgId: string;
  readonly type: TreeType;
  /** The requests whose members it tells of. */
  readonly requests: readonly string[];
}

/** The type that tells what an operation is a part of; null for verbs that never act on a tree. */
export function treeTypeOf(kind: OperationKind, request: Readonly<Record<string, unknown>>): TreeType | null {
  if (kind === 'delete') return request['collapse'] === true ? treeTypes.collapse : treeTypes.delete;
  return kind === 'pause' || kind === 'resume' ? treeTypes[kind] : null;
}

/** What operators filter by: like those of an operation, except that a tree has many providers. */
export const treeAttributesOf = ({ orgId, rootId, type }: TreeInput): SearchAttributePair[] =>
  searchAttributesOf({ orgId, workspaceId: rootId, kind: type, provider: 'tree' });
