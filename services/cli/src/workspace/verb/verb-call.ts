import type { Call } from '../../command/action.ts';

/** The options every verb has. */
export interface VerbOptions {
  readonly dryRun?: true;
  readonly wait?: true;
  readonly timeout?: number;
  readonly yes?: true;
  readonly idempotencyKey?: string;
}

export type VerbCall<Options = object> = Call<readonly [reference: string], Options & VerbOptions>;

/** What an answer says, the same for every verb. */
export interface Told {
  readonly status: string;
  /** The operation of the workspace, or the request over its tree. */
  readonly operationId?: string | undefined;
  /** Operations of the workspaces below it, where the answer names them. */
  readonly operationIds?: readonly string[];
  /** Workspaces it is about. */
  readonly count?: number;
  /** What else a person should read. */
  readonly facts?: readonly (string | undefined)[];
}
