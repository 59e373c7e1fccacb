import type { Answer } from '../api/api.ts';
import type { OperationView } from '../operation/state-style.ts';

export type EventView = Answer<'GET /events/{workspaceId}'>[number];

/** Something that happened: a request with what came of it, or a change of status. */
export type Happening =
  | { readonly at: string; readonly operation: OperationView }
  | { readonly at: string; readonly event: EventView };
