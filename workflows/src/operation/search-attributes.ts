import { defineSearchAttributeKey, type SearchAttributePair, SearchAttributeType } from '@temporalio/common';
import type { OperationInput } from './operation.ts';

const keyword = (name: string) => defineSearchAttributeKey(name, SearchAttributeType.KEYWORD);

/** What operators filter by. `Outcome` joins them when the operation ends. */
export const searchAttributeNames = ['OrgId', 'WorkspaceId', 'Op', 'Provider', 'Outcome'] as const;

/** How an operation ended; `compensating` while it undoes what it has done. */
export const outcome = keyword('Outcome');
export const provider = keyword('Provider');

export const searchAttributesOf = (
  input: Pick<OperationInput, 'orgId' | 'workspaceId' | 'provider'> & { readonly kind: string },
): SearchAttributePair[] => [
  { key: keyword('OrgId'), value: input.orgId },
  { key: keyword('WorkspaceId'), value: input.workspaceId },
  { key: keyword('Op'), value: input.kind },
  { key: provider, value: input.provider },
];
