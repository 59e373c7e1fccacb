import type { OperationInput, OperationKind, OperationSettings, OperationState } from './operation.ts';
import type { TreeType } from './tree-input.ts';

/** Who asks: one run of one operation. */
export interface RunRef {
  readonly operationId: string;
  readonly workspaceId: string;
  readonly runId: string;
}

/** What a run learns when it looks at Postgres. */
export interface Situation {
  readonly superseded: boolean;
  /** A bring-up verb is queued behind this operation. */
  readonly queued: boolean;
  /** The agent of the box of this operation and cycle has registered. */
  readonly online: boolean;
  /**
   * Whoever watches the box of this operation said that it crashed while it booted: the catalogue's sentence, since what
   * they said may hold anything that the box printed. Null when nobody did.
   */
  readonly bootFailure: string | null;
}

/** How a run ended, as far as it knows; the rows decide. */
export interface Ending {
  readonly state: Extract<OperationState, 'succeeded' | 'failed' | 'compensated' | 'cancelled' | 'coalesced'>;
  readonly failureCode?: string;
  readonly failureText?: string;
  /** Extra members of the failure event, such as the missing variables. */
  readonly failureFacts?: Readonly<Record<string, unknown>>;
}

export interface Finished {
  readonly state: OperationState;
  /** Why it failed, as the rows say it; absent when it did not. */
  readonly failure?: { readonly code: string; readonly text: string };
  /** The operation that owns the workspace now and has not begun. */
  readonly next?: OperationInput;
}

/** What a cycle of a bring-up starts with. */
export interface Cycle {
  readonly cycle: number;
  /** Hosts with boxes of this workspace that are not gone: those to settle. */
  readonly hostsToSettle: readonly string[];
  /** Where the new box goes; null when no backend can run one. */
  readonly place: { readonly host: string; readonly backend: string } | null;
  /** The cloud it will be on, or the backend where there is no cloud: what operators filter by. */
  readonly provider: string;
  /** How long its agent has to register, in milliseconds. */
  readonly deadlineMs: number;
  readonly runtime: string;
}

/** The operation's rows. Every call is one transaction and may run twice; null means "no longer yours: do no more". */
export interface OperationPort {
  beginOperation(run: RunRef): Promise<OperationSettings | null>;
  lookAtOperation(run: RunRef & { cycle: number }): Promise<Situation>;
  /** Ends the operation if it is still this run's, promotes the oldest queued one, and tells what is next. */
  finishOperation(run: RunRef & { kind: OperationKind; ending?: Ending }): Promise<Finished>;
  /** Serves every queued bring-up verb with the cycle that now begins. */
  beginCycle(run: RunRef & { cycle: number }): Promise<Cycle | null>;
  /** Makes the credentials of the next box and its ledger row. */
  mintBox(run: RunRef & { cycle: number; host: string; backend: string }): Promise<{ boxId: string } | null>;
  /**
   * Marks every box that may run as being stopped, so that none of them counts any more; answers with the hosts of all
   * that are not gone. Boxes this operation made in `beforeCycle` or later are spared: a late attempt of the settle
   * that came before them must not reach them. With `ownOnly` so are those of others: an operation that failed before it
   * touched the box it found leaves it as it was.
   */
  beginSettle(run: RunRef & { beforeCycle: number; ownOnly?: boolean }): Promise<{ hosts: readonly string[] } | null>;
  /** Whatever is still being stopped on these hosts becomes owed, with the reason. */
  oweBoxes(run: RunRef & { hosts: readonly string[]; reason: string }): Promise<void>;
  /**
   * Ends a hibernation by what became of the box: gone, and the workspace is hibernated; or not, and it is the current
   * one again, under the status of before.
   */
  concludeHibernation(run: RunRef): Promise<{ hibernated: boolean } | null>;
  /** Writes the cloud that a switch leads to, once the old box has been stopped or has become a debt. */
  moveProvider(run: RunRef): Promise<{ to: string } | null>;
  /** Writes back the cloud that the switch came from. */
  moveProviderBack(run: RunRef): Promise<{ to: string } | null>;
  /**
   * Makes the workspace what it was before the switch, where that needs no new box; `restored` is false where it does.
   * Once it has been `moved`, its old box no longer counts, whether it is gone or not.
   */
  restoreBeforeSwitch(run: RunRef & { moved: boolean }): Promise<{ restored: boolean } | null>;
  /** What a delete has left to do: boxes that are owed, and the volumes that go. */
  planErase(run: RunRef): Promise<ErasePlan | null>;
  /** The last of a delete: removes the rows when a purge was asked for. */
  eraseWorkspace(run: RunRef): Promise<{ purged: boolean } | null>;
}

export interface ErasePlan {
  /** One sentence for each box that could not be stopped. */
  readonly owed: readonly string[];
  /** Whose volumes go, and where; those of the whole tree for the last of a purge. */
  readonly volumes: readonly { readonly workspaceId: string; readonly host: string; readonly purge: boolean }[];
}

/** What the execution of a tree learns when it looks at Postgres. */
export interface TreeSituation {
  /** The latest request, and the workflow type that tells of it; null when there is none any more. */
  readonly latest: { readonly request: string; readonly type: TreeType } | null;
  /** The requests that were known, and those with a member that has not ended. */
  readonly requests: readonly string[];
  readonly open: number;
  /** How many members are in which state. */
  readonly members: Readonly<Record<string, number>>;
  readonly failed: readonly { readonly name: string; readonly code: string; readonly text: string }[];
  /** Members whose turn it is and that nobody has begun yet; those behind another begin when that ends. */
  readonly waiting: readonly { readonly operationId: string; readonly workspaceId: string }[];
}

/** What was asked for a workspace and those below it, seen as one. */
export interface TreePort {
  lookAtTree(tree: { rootId: string; requests: readonly string[] }): Promise<TreeSituation>;
  pokeMembers(members: { workspaceIds: readonly string[] }): Promise<void>;
}
