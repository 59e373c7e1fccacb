// Generated from docs/openapi.json by "pnpm gen": do not edit.

export type Backends = readonly {
  readonly host: string;
  readonly kind: string;
  readonly seen_at: string;
  readonly away: boolean;
}[];

export type BootstrapFailureReported = {
  readonly ok: true;
  /** The report changed nothing. */
  readonly no_change?: true;
};

export type Box = {
  readonly id: string;
  readonly workspace_id: string;
  /** Null when the workspace was purged. */
  readonly workspace_name: string | null;
  readonly state: 'creating' | 'running' | 'stopping' | 'gone' | 'owed';
  readonly backend: string;
  readonly host: string;
  readonly provider: string | null;
  /** What the backend calls it. */
  readonly external_id: string | null;
  readonly owner: string;
  /** Whether it is the box its workspace uses now. */
  readonly current: boolean;
  /** Why it is still to be stopped. */
  readonly owed_reason: string | null;
  /** How often a sweeper has tried to stop it. */
  readonly attempts: number;
  readonly next_attempt_at: string | null;
  readonly created_at: string;
  readonly started_at: string | null;
  readonly registered_at: string | null;
  readonly stopping_at: string | null;
  readonly gone_at: string | null;
  /** Operations that touched it: the one that made it and those that ran while it was there, oldest first. */
  readonly operations: readonly {
    readonly id: string;
    readonly kind: 'provision' | 'restart' | 'pause' | 'resume' | 'hibernate' | 'wake' | 'switch' | 'delete';
    readonly state: 'accepted' | 'running' | 'succeeded' | 'failed' | 'compensated' | 'superseded' | 'coalesced' | 'cancelled';
    readonly accepted_at: string;
    readonly made_it: boolean;
  }[];
};

export type BoxList = readonly Box[];

export type Budget = {
  /** US cents a month; null is no limit. */
  readonly budget_limit: number | null;
  /** US cents. */
  readonly monthly_spend: number;
  /** US cents; negative when it is overspent. */
  readonly budget_remaining: number | null;
};

export type CancelledOperation = {
  /** cancelling: it ends as soon as its step lets go. */
  readonly status: 'cancelled' | 'cancelling';
  readonly operation_id: string;
};

export type CollapsedWorkspace = {
  readonly status: 'collapsed';
  /** Names of the children that are removed. */
  readonly removed: readonly string[];
  /** The operations that stop the boxes, one for each workspace below. */
  readonly operation_ids: readonly string[];
};

export type Connection = {
  readonly workspace_id: string;
  readonly platform_url: string;
  /** Shown once. */
  readonly auth_token: string;
  readonly registry_endpoint: string;
  readonly heartbeat_endpoint: string;
  readonly curl_register_template: string;
  readonly python_snippet: string;
  readonly claude_code_channel_snippet: string;
};

export type Console = {
  readonly output: string;
};

export type CreateWorkspace = {
  readonly name: string;
  readonly role?: string | null;
  readonly model?: string | null;
  readonly runtime?: string | null;
  /** 1 sandboxed, 2 standard, 3 privileged, 4 full host; 3 when left out or 0. */
  readonly tier?: number | null;
  /** Name of a folder of the template root. */
  readonly template?: string | null;
  /** Host directory to mount at /workspace. */
  readonly workspace_dir?: string | null;
  readonly workspace_access?: 'none' | 'read_only' | 'read_write' | '' | null;
  readonly delivery_mode?: 'push' | 'poll' | '' | null;
  /** The agent is run by its operator: the platform makes no box. */
  readonly external?: boolean | null;
  /** Where an external agent is reached. */
  readonly url?: string | null;
  readonly parent_id?: string | null;
  /** US cents a month; left out: no limit. */
  readonly budget_limit?: number | null;
  readonly max_concurrent_tasks?: number | null;
  readonly secrets?: { readonly [key: string]: string } | null;
  readonly canvas?: {
    readonly x?: number | null;
    readonly y?: number | null;
  } | null;
  readonly initial_memories?: readonly {
    readonly content?: string | null;
    readonly scope?: string | null;
  }[] | null;
  readonly compute?: {
    readonly provider?: 'aws' | 'gcp' | 'hetzner' | '' | null;
    readonly data_persistence?: 'persist' | 'ephemeral' | '' | null;
    readonly instance_type?: string | null;
    readonly volume?: {
      readonly root_gb?: number | null;
      readonly [key: string]: unknown;
    } | null;
    readonly display?: {
      readonly mode?: 'none' | 'desktop-control' | 'gpu-desktop-control' | null;
      readonly width?: number | null;
      readonly height?: number | null;
      readonly protocol?: 'dcv' | 'novnc' | null;
      readonly [key: string]: unknown;
    } | null;
    readonly [key: string]: unknown;
  } | null;
};

export type CreatedWorkspace = {
  readonly id: string;
  readonly status: 'provisioning' | 'online' | 'awaiting_agent';
  readonly awareness_namespace?: string;
  readonly workspace_access?: string;
  /** The operation that provisions it. */
  readonly operation_id?: string;
  readonly external?: true;
  /** What an external agent needs, once. */
  readonly connection?: Connection;
};

export type DeletedWorkspace = {
  readonly status: 'removed' | 'purged';
  readonly cascade_deleted: number;
  /** The operation that stops its boxes, while or after it runs. */
  readonly operation_id?: string;
};

export type DryRun = {
  readonly dry_run: true;
  readonly verb: 'create' | 'restart' | 'pause' | 'resume' | 'hibernate' | 'wake' | 'switch' | 'collapse' | 'delete' | 'cancel' | 'retry' | 'update' | 'set-budget' | 'set-secret' | 'delete-secret' | 'set-model' | 'create-token' | 'revoke-token' | 'refresh-images';
  /** The status that the request itself would be answered with, or what it does where its answer has none. */
  readonly status: string;
  /** The workspaces that it is about. */
  readonly targets: readonly PlannedTarget[];
  /** What would be written besides; never the value of a secret, never a token. */
  readonly change?: { readonly [key: string]: string | number | boolean | null | readonly string[] };
};

export type Events = readonly {
  readonly id: string;
  readonly event_type: string;
  readonly workspace_id: string | null;
  readonly payload: unknown;
  readonly created_at: string;
}[];

export type GlobalSecretDeleted = {
  readonly status: 'deleted';
  readonly key: string;
  readonly scope: 'global';
};

export type GlobalSecretSaved = {
  readonly status: 'saved';
  readonly key: string;
  readonly scope: 'global';
};

export type Health = {
  readonly status: 'ok';
};

export type HeardHeartbeat = {
  readonly status: 'ok';
  /** What the platform presents when it calls the agent. */
  readonly platform_inbound_secret?: string;
};

export type Heartbeat = {
  readonly workspace_id: string;
  readonly error_rate?: number | null;
  readonly sample_error?: string | null;
  readonly active_tasks?: number | null;
  readonly uptime_seconds?: number | null;
  readonly current_task?: string | null;
  /** US cents; 0 changes nothing. */
  readonly monthly_spend?: number | null;
  /** "wedged" degrades the workspace. */
  readonly runtime_state?: string | null;
  /** What the runtime does by itself. Left out: as before; empty: nothing. */
  readonly runtime_metadata?: {
    readonly capabilities?: { readonly [key: string]: boolean } | null;
    /** Seconds of silence a message may take; not positive: the platform’s default. */
    readonly idle_timeout_seconds?: number | null;
    readonly [key: string]: unknown;
  } | null;
};

export type HibernatedWorkspace = {
  /** hibernating: it is not known yet how it ends. */
  readonly status: 'hibernated' | 'hibernating';
  /** The operation that carries it out. */
  readonly operation_id: string;
};

export type ListedWorkspace = {
  readonly id: string;
  readonly name: string;
  readonly role: string | null;
  readonly tier: number;
  readonly status: 'provisioning' | 'online' | 'degraded' | 'offline' | 'failed' | 'paused' | 'hibernating' | 'hibernated' | 'awaiting_agent' | 'removed';
  readonly url: string;
  readonly runtime: string;
  readonly parent_id: string | null;
  readonly agent_card: unknown;
  readonly active_tasks: number;
  readonly max_concurrent_tasks: number;
  readonly uptime_seconds: number;
  readonly last_error_rate: number;
  readonly x: number;
  readonly y: number;
  readonly collapsed: boolean;
  /** Left out when no template of the runtime declares one. */
  readonly provision_timeout_ms?: number;
  readonly current_task: string;
  readonly last_sample_error: string;
  readonly workspace_dir: string | null;
  /** US cents. */
  readonly monthly_spend: number;
  /** US cents; null is no limit. */
  readonly budget_limit: number | null;
};

export type Liveness = {
  readonly subsystems: { readonly [key: string]: {
      readonly last_tick_at: string;
      readonly seconds_ago: number;
      /** Older than twice its period. */
      readonly stale: boolean;
      /** What the last tick did. */
      readonly detail: { readonly [key: string]: unknown };
    } };
};

export type MintOrgToken = {
  /** For people; at most 100 bytes. */
  readonly name?: string;
  /** Binds the token to an org. A token minted by an org token has that one’s org. */
  readonly org_id?: string | null;
  /** When it ends: ninety days from now unless told, never if null. */
  readonly expires_at?: string | null;
};

export type Model = {
  readonly model: string;
  readonly source: 'default' | 'workspace_secrets';
};

export type ModelSet = {
  readonly status: 'saved' | 'cleared';
  readonly model?: string;
  /** The restart that brings it to the agent. */
  readonly operation_id?: string;
};

export type Operation = {
  readonly id: string;
  /** Order of acceptance across the installation; what `before` pages by. */
  readonly seq: number;
  readonly workspace_id: string;
  readonly kind: 'provision' | 'restart' | 'pause' | 'resume' | 'hibernate' | 'wake' | 'switch' | 'delete';
  readonly state: 'accepted' | 'running' | 'succeeded' | 'failed' | 'compensated' | 'superseded' | 'coalesced' | 'cancelled';
  /** Who asked for it. */
  readonly actor: string;
  readonly reason: string | null;
  /** The request it is part of, where several workspaces are changed at once. */
  readonly parent_id: string | null;
  /** The workspace whose tree that request is about. */
  readonly tree_root: string | null;
  /** The step it is in, or was in when it ended. */
  readonly phase: string | null;
  readonly cycle: number;
  readonly prior_status: 'provisioning' | 'online' | 'degraded' | 'offline' | 'failed' | 'paused' | 'hibernating' | 'hibernated' | 'awaiting_agent' | 'removed' | null;
  /** What the cycle that runs was asked for, such as a template. */
  readonly cycle_request: { readonly [key: string]: unknown };
  /** What the agent is to be told about its last session; names, never values. */
  readonly restart_context: { readonly [key: string]: unknown } | null;
  readonly cancel_requested_at: string | null;
  readonly failure: {
    readonly code: string;
    readonly text: string;
    readonly next_step: string;
  } | null;
  readonly superseded_by: string | null;
  readonly coalesced_into: string | null;
  readonly accepted_at: string;
  readonly began_at: string | null;
  readonly deadline_at: string | null;
  readonly ended_at: string | null;
  /** Where to find it in the Temporal Web UI. */
  readonly workflow_id: string;
  readonly run_id: string | null;
};

export type OperationDetail = {
  readonly id: string;
  /** Order of acceptance across the installation; what `before` pages by. */
  readonly seq: number;
  readonly workspace_id: string;
  readonly kind: 'provision' | 'restart' | 'pause' | 'resume' | 'hibernate' | 'wake' | 'switch' | 'delete';
  readonly state: 'accepted' | 'running' | 'succeeded' | 'failed' | 'compensated' | 'superseded' | 'coalesced' | 'cancelled';
  /** Who asked for it. */
  readonly actor: string;
  readonly reason: string | null;
  /** The request it is part of, where several workspaces are changed at once. */
  readonly parent_id: string | null;
  /** The workspace whose tree that request is about. */
  readonly tree_root: string | null;
  /** The step it is in, or was in when it ended. */
  readonly phase: string | null;
  readonly cycle: number;
  readonly prior_status: 'provisioning' | 'online' | 'degraded' | 'offline' | 'failed' | 'paused' | 'hibernating' | 'hibernated' | 'awaiting_agent' | 'removed' | null;
  /** What the cycle that runs was asked for, such as a template. */
  readonly cycle_request: { readonly [key: string]: unknown };
  /** What the agent is to be told about its last session; names, never values. */
  readonly restart_context: { readonly [key: string]: unknown } | null;
  readonly cancel_requested_at: string | null;
  readonly failure: {
    readonly code: string;
    readonly text: string;
    readonly next_step: string;
  } | null;
  readonly superseded_by: string | null;
  readonly coalesced_into: string | null;
  readonly accepted_at: string;
  readonly began_at: string | null;
  readonly deadline_at: string | null;
  readonly ended_at: string | null;
  /** Where to find it in the Temporal Web UI. */
  readonly workflow_id: string;
  readonly run_id: string | null;
  readonly steps: readonly OperationStep[];
};

export type OperationList = readonly Operation[];

export type OperationStep = {
  /** Order within the operation; the id of the step in the event stream. */
  readonly seq: number;
  readonly step: string;
  readonly cycle: number;
  readonly state: 'begun' | 'done' | 'failed';
  readonly detail: string | null;
  readonly at: string;
};

export type OrgToken = {
  readonly id: string;
  /** The first eight characters. */
  readonly prefix: string;
  readonly name?: string;
  readonly org_id?: string;
  readonly created_by?: string;
  readonly created_at: string;
  /** Kept to the minute. */
  readonly last_used_at?: string;
  readonly expires_at?: string;
};

export type OrgTokenMinted = {
  readonly id: string;
  readonly prefix: string;
  readonly name?: string;
  readonly expires_at?: string;
  /** Shown this once. */
  readonly auth_token: string;
  readonly warning: string;
};

export type OrgTokenRevoked = {
  readonly revoked: string;
};

export type OrgTokens = {
  readonly tokens: readonly OrgToken[];
  readonly count: number;
};

export type PatchBudget = {
  /** US cents a month; null is no limit. */
  readonly budget_limit: number | null;
};

export type PatchWorkspace = {
  readonly name?: string;
  readonly role?: string | null;
  readonly tier?: number;
  readonly runtime?: string;
  /** Null detaches it. */
  readonly parent_id?: string | null;
  /** Null clears it; the workspace needs a restart then. */
  readonly workspace_dir?: string | null;
  readonly collapsed?: boolean;
  /** Together with y. */
  readonly x?: number;
  readonly y?: number;
};

export type PatchedWorkspace = {
  readonly status: 'updated';
  readonly needs_restart?: true;
};

export type PausedWorkspace = {
  readonly status: 'paused';
  /** With the workspaces below it. */
  readonly paused_count: number;
  /** The operation that carries it out. */
  readonly operation_id?: string;
};

export type PlannedTarget = {
  readonly workspace_id: string;
  readonly name: string;
  /** What the workspace would say right after the request. */
  readonly status: 'provisioning' | 'online' | 'degraded' | 'offline' | 'failed' | 'paused' | 'hibernating' | 'hibernated' | 'awaiting_agent' | 'removed';
  /** run: at once; preempt: instead of what runs; queue: after it; join: it is what runs already; direct: rows only. */
  readonly decision: 'run' | 'preempt' | 'queue' | 'join' | 'direct';
  /** Null when no operation is needed. */
  readonly operation_kind: 'provision' | 'restart' | 'pause' | 'resume' | 'hibernate' | 'wake' | 'switch' | 'delete' | null;
  /** The steps this kind of operation can take, in order. */
  readonly steps: readonly string[];
  /** Its boxes that are not gone. */
  readonly boxes: readonly {
    readonly id: string;
    readonly backend: string;
    readonly host: string;
    readonly state: 'creating' | 'running' | 'stopping' | 'gone' | 'owed';
  }[];
};

export type Problem = {
  /** One sentence for people. */
  readonly error: string;
  /** A stable URN of the kind of failure. */
  readonly type: string;
  readonly title: string;
  /** The HTTP status, unless the route gives the member a meaning of its own. */
  readonly status: number | string;
  /** Stable code of the failure; see docs/errors.md. */
  readonly code: string;
  /** What to do now. */
  readonly next_step: string;
  /** Finds the request in the logs of the platform. */
  readonly request_id: string;
  /** The operation the failure is about. */
  readonly operation_id?: string;
  readonly [key: string]: unknown;
};

export type Ready = {
  readonly status: 'ready' | 'unavailable';
  readonly database: 'up' | 'down';
  /** Requests are accepted without it; operations wait until it is back. */
  readonly temporal: 'up' | 'down';
  /** Kinds of backends some worker serves now. */
  readonly backends: readonly string[];
};

export type RefreshedImages = {
  /** Runtimes whose image was pulled on every host. */
  readonly pulled: readonly string[];
  /** All others that were asked for; a host that is away has pulled none. */
  readonly failed: readonly string[];
  /** Workspaces that are restarted, to come back with the new image. */
  readonly recreated: readonly string[];
};

export type RegisterAgent = {
  /** The workspace. */
  readonly id: string;
  /** What the agent says about itself: any JSON, kept as it is. */
  readonly agent_card: unknown;
  /** Left out: as before. */
  readonly delivery_mode?: 'push' | 'poll' | '' | null;
  /** Where messages are pushed to; needed in push mode. Ignored for boxes of the platform. */
  readonly url?: string | null;
};

export type RegisteredAgent = {
  readonly status: 'registered';
  readonly delivery_mode?: 'push' | 'poll';
  /** Only for an agent that had none; shown once. */
  readonly auth_token?: string;
  /** What the platform presents when it calls the agent. */
  readonly platform_inbound_secret?: string;
};

export type ReportBootstrapFailure = {
  readonly error?: string | null;
  /** The last lines of the console; kept are 8192 bytes. */
  readonly log_tail?: string | null;
  /** The box that failed; a report of an older one counts for nothing. */
  readonly box_id?: string | null;
};

export type RestartWorkspace = {
  /** Applies this template; one that is not there is ignored. */
  readonly template?: string | null;
  /** Applies the template that has the name of the workspace, else the default of its runtime. */
  readonly apply_template?: boolean | null;
  /** Forgets the sessions of the agent. */
  readonly reset?: boolean | null;
  /** Applies the org template that has the name of the workspace. */
  readonly rebuild_config?: boolean | null;
};

export type RestartedWorkspace = {
  readonly status: 'provisioning' | 'noop';
  /** The template that is applied; existing-volume when none is. */
  readonly config_dir?: string;
  readonly reset_session?: boolean;
  /** The operation that carries it out. */
  readonly operation_id?: string;
  /** With noop: the runtime for which the platform runs no box. */
  readonly runtime?: string;
  /** With noop: why nothing was done. */
  readonly message?: string;
};

export type ResumedWorkspace = {
  readonly status: 'provisioning';
  /** With the workspaces below it. */
  readonly resumed_count: number;
  /** The operation that carries it out. */
  readonly operation_id?: string;
};

export type RetriedOperation = {
  readonly status: 'accepted';
  /** The new operation. */
  readonly operation_id: string;
  /** The operation that is tried again. */
  readonly retries: string;
};

export type SaveSecret = {
  /** Name of the variable in the box. The platform’s own names are refused. */
  readonly key: string;
  /** Shown to nobody but the workspace itself. */
  readonly value: string;
};

export type Secret = {
  readonly key: string;
  readonly has_value: true;
  readonly scope: 'workspace' | 'global';
  readonly created_at: string;
  readonly updated_at: string;
};

export type SecretDeleted = {
  readonly status: 'deleted';
  readonly key: string;
  /** The restart that brings the change to the agent. */
  readonly operation_id?: string;
};

export type SecretSaved = {
  readonly status: 'saved';
  readonly key: string;
  /** The restart that brings the change to the agent. */
  readonly operation_id?: string;
};

export type SecretValues = { readonly [key: string]: string };

export type Secrets = readonly Secret[];

export type SetModel = {
  /** As the runtime writes its models. Empty goes back to the runtime’s default. */
  readonly model: string;
};

export type SweepReport = {
  readonly dry_run: boolean;
  /** On some host more than 40 % looked orphaned, so nothing was done there. */
  readonly stopped: boolean;
  readonly hosts: readonly {
    readonly host: string;
    /** Boxes that were found. */
    readonly fleet: number;
    /** Those that nobody owns. */
    readonly orphans: number;
    /** What was set right. */
    readonly done: number;
    /** Too much looked orphaned on this host. */
    readonly stopped: boolean;
    /** What looked so. */
    readonly why: readonly string[];
    /** Passes that ended early, with the reason. */
    readonly failed: readonly string[];
    /** No worker of this host took part. */
    readonly away: boolean;
  }[];
  readonly findings: readonly {
    readonly host: string;
    readonly kind: string;
    readonly box_id: string | null;
    readonly workspace_id: string | null;
    readonly backend: string;
    readonly what: string;
    readonly action: string;
    readonly done: boolean;
  }[];
};

export type SwitchProvider = {
  /** The cloud to move to. */
  readonly provider: string;
  /** Agrees to lose what a persistent volume of the old cloud holds. */
  readonly confirm_data_loss?: boolean | null;
  /** Taken and without effect. */
  readonly migrate_data?: boolean | null;
};

export type SwitchedProvider = {
  readonly status: 'switching' | 'noop';
  readonly workspace_id?: string;
  readonly from?: string;
  readonly to?: string;
  /** The operation that carries it out. */
  readonly operation_id?: string;
  /** With noop: the cloud that it is on already. */
  readonly provider?: string;
  /** With noop: why nothing was done. */
  readonly message?: string;
};

export type TestTokenMinted = {
  readonly auth_token: string;
  readonly workspace_id: string;
};

export type Token = {
  readonly id: string;
  /** The first eight characters. */
  readonly prefix: string;
  /** Tokens of agents end with their box, those of users when they are revoked. */
  readonly purpose: 'agent' | 'user';
  readonly created_at: string;
  /** Kept to the minute. */
  readonly last_used_at: string | null;
};

export type TokenMinted = {
  /** Shown this once. */
  readonly auth_token: string;
  readonly workspace_id: string;
  readonly message: string;
};

export type TokenRevoked = {
  readonly status: 'revoked';
};

export type Tokens = {
  readonly tokens: readonly Token[];
  /** Tokens in this page. */
  readonly count: number;
};

export type UpdateCard = {
  readonly workspace_id: string;
  /** What the agent says about itself: any JSON, kept as it is. */
  readonly agent_card: unknown;
};

export type UpdatedCard = {
  readonly status: 'updated';
};

export type WokenWorkspace = {
  readonly status: 'waking';
  /** The operation that carries it out. */
  readonly operation_id: string;
};

export type Workspace = {
  readonly id: string;
  readonly name: string;
  readonly role: string | null;
  readonly tier: number;
  readonly status: 'provisioning' | 'online' | 'degraded' | 'offline' | 'failed' | 'paused' | 'hibernating' | 'hibernated' | 'awaiting_agent' | 'removed';
  readonly url: string;
  readonly runtime: string;
  readonly parent_id: string | null;
  readonly agent_card: unknown;
  readonly active_tasks: number;
  readonly max_concurrent_tasks: number;
  readonly uptime_seconds: number;
  readonly last_error_rate: number;
  readonly x: number;
  readonly y: number;
  readonly collapsed: boolean;
  /** Left out when no template of the runtime declares one. */
  readonly provision_timeout_ms?: number;
  readonly last_outbound_at: string | null;
};

export type WorkspaceList = readonly ListedWorkspace[];

export type WorkspaceState = {
  readonly workspace_id: string;
  readonly status: 'provisioning' | 'online' | 'degraded' | 'offline' | 'failed' | 'paused' | 'hibernating' | 'hibernated' | 'awaiting_agent' | 'removed';
  readonly paused: boolean;
  readonly deleted: false;
};

/** Every route: what is in its path, its query and its body, and what it answers. */
export interface Routes {
  /** Last tick of every background loop. */
  'GET /admin/liveness': {
    readonly path: {};
    readonly query: {};
    readonly body: undefined;
    readonly answer: Liveness;
  };
  /** Names of the secrets every workspace gets; never values. */
  'GET /admin/secrets': {
    readonly path: {};
    readonly query: {};
    readonly body: undefined;
    readonly answer: Secrets;
  };
  /** Saves a secret for every workspace that has none of the same name. */
  'POST /admin/secrets': {
    readonly path: {};
    readonly query: { readonly dry_run?: 'true' | 'false' };
    readonly body: SaveSecret;
    readonly answer: GlobalSecretSaved | DryRun;
  };
  /** Deletes a secret of every workspace. */
  'DELETE /admin/secrets/{key}': {
    readonly path: { readonly key: string };
    readonly query: { readonly dry_run?: 'true' | 'false' };
    readonly body: undefined;
    readonly answer: GlobalSecretDeleted | DryRun;
  };
  /** Compares the ledger with what every host really has, and clears what belongs to nobody. */
  'POST /admin/sweep': {
    readonly path: {};
    readonly query: { readonly dry_run?: 'true' | 'false'; readonly force?: 'true' | 'false' };
    readonly body: undefined;
    readonly answer: SweepReport;
  };
  /** Pulls the images of runtimes anew, and restarts the workspaces that run an older one. */
  'POST /admin/workspace-images/refresh': {
    readonly path: {};
    readonly query: { readonly runtime?: string; readonly recreate?: string; readonly dry_run?: 'true' | 'false' };
    readonly body: undefined;
    readonly answer: RefreshedImages | DryRun;
  };
  /** Reports that a box crashed before its agent registered; its bring-up fails then. */
  'POST /admin/workspaces/{id}/bootstrap-failed': {
    readonly path: { readonly id: string };
    readonly query: {};
    readonly body: ReportBootstrapFailure;
    readonly answer: BootstrapFailureReported;
  };
  /** Makes a token for scripts that test the platform. Not there in production. */
  'GET /admin/workspaces/{id}/test-token': {
    readonly path: { readonly id: string };
    readonly query: { readonly dry_run?: 'true' | 'false' };
    readonly body: undefined;
    readonly answer: TestTokenMinted | DryRun;
  };
  /** Makes a token for scripts that test the platform. Not there in production. */
  'POST /admin/workspaces/{id}/test-token': {
    readonly path: { readonly id: string };
    readonly query: { readonly dry_run?: 'true' | 'false' };
    readonly body: undefined;
    readonly answer: TestTokenMinted | DryRun;
  };
  /** Where boxes can run: what each worker host serves. */
  'GET /backends': {
    readonly path: {};
    readonly query: {};
    readonly body: undefined;
    readonly answer: Backends;
  };
  /** Boxes that are not gone, newest first: why one is owed, and which operations touched it. */
  'GET /boxes': {
    readonly path: {};
    readonly query: { readonly state?: 'creating' | 'running' | 'stopping' | 'gone' | 'owed'; readonly workspace_id?: string; readonly limit?: number };
    readonly body: undefined;
    readonly answer: BoxList;
  };
  /** The newest hundred recorded events. */
  'GET /events': {
    readonly path: {};
    readonly query: {};
    readonly body: undefined;
    readonly answer: Events;
  };
  /** The newest hundred recorded events of a workspace; also after it was purged. */
  'GET /events/{workspaceId}': {
    readonly path: { readonly workspaceId: string };
    readonly query: {};
    readonly body: undefined;
    readonly answer: Events;
  };
  /** Tells that the process runs; asks nobody else. */
  'GET /health': {
    readonly path: {};
    readonly query: {};
    readonly body: undefined;
    readonly answer: Health;
  };
  /** Metrics of this gateway in the text format of Prometheus. */
  'GET /metrics': {
    readonly path: {};
    readonly query: {};
    readonly body: undefined;
    readonly answer: unknown;
  };
  /** Operations of all workspaces, newest first. */
  'GET /operations': {
    readonly path: {};
    readonly query: { readonly state?: 'accepted' | 'running' | 'succeeded' | 'failed' | 'compensated' | 'superseded' | 'coalesced' | 'cancelled' | 'open'; readonly kind?: 'provision' | 'restart' | 'pause' | 'resume' | 'hibernate' | 'wake' | 'switch' | 'delete'; readonly workspace_id?: string; readonly actor?: string; readonly parent_id?: string; readonly failure_code?: string; readonly since?: string; readonly until?: string; readonly before?: number; readonly limit?: number };
    readonly body: undefined;
    readonly answer: OperationList;
  };
  /** One operation with its steps. */
  'GET /operations/{id}': {
    readonly path: { readonly id: string };
    readonly query: {};
    readonly body: undefined;
    readonly answer: OperationDetail;
  };
  /** Ends an operation before its work is done; what it has begun is undone. */
  'POST /operations/{id}/cancel': {
    readonly path: { readonly id: string };
    readonly query: { readonly dry_run?: 'true' | 'false' };
    readonly body: undefined;
    readonly answer: CancelledOperation | DryRun;
  };
  /** The steps of an operation as they happen: "step" events, resumed by Last-Event-ID, and one "end". */
  'GET /operations/{id}/events': {
    readonly path: { readonly id: string };
    readonly query: {};
    readonly body: undefined;
    readonly answer: unknown;
  };
  /** Tries again what an operation that failed or was cancelled was to do. */
  'POST /operations/{id}/retry': {
    readonly path: { readonly id: string };
    readonly query: { readonly dry_run?: 'true' | 'false' };
    readonly body: undefined;
    readonly answer: RetriedOperation | DryRun;
  };
  /** Live org tokens, newest first. */
  'GET /org/tokens': {
    readonly path: {};
    readonly query: {};
    readonly body: undefined;
    readonly answer: OrgTokens;
  };
  /** Makes a token that may do what an operator may. */
  'POST /org/tokens': {
    readonly path: {};
    readonly query: { readonly dry_run?: 'true' | 'false' };
    readonly body: MintOrgToken;
    readonly answer: OrgTokenMinted | DryRun;
  };
  /** Revokes an org token. */
  'DELETE /org/tokens/{id}': {
    readonly path: { readonly id: string };
    readonly query: { readonly dry_run?: 'true' | 'false' };
    readonly body: undefined;
    readonly answer: OrgTokenRevoked | DryRun;
  };
  /** Tells whether requests can be served, and what is down. */
  'GET /ready': {
    readonly path: {};
    readonly query: {};
    readonly body: undefined;
    readonly answer: Ready;
  };
  /** An agent is alive, and how it is. */
  'POST /registry/heartbeat': {
    readonly path: {};
    readonly query: {};
    readonly body: Heartbeat;
    readonly answer: HeardHeartbeat;
  };
  /** An agent comes online: where it is and what it can do. */
  'POST /registry/register': {
    readonly path: {};
    readonly query: {};
    readonly body: RegisterAgent;
    readonly answer: RegisteredAgent;
  };
  /** Replaces what an agent says about itself. */
  'POST /registry/update-card': {
    readonly path: {};
    readonly query: {};
    readonly body: UpdateCard;
    readonly answer: UpdatedCard;
  };
  /** Names of the secrets every workspace gets; never values. */
  'GET /settings/secrets': {
    readonly path: {};
    readonly query: {};
    readonly body: undefined;
    readonly answer: Secrets;
  };
  /** Saves a secret for every workspace that has none of the same name. */
  'POST /settings/secrets': {
    readonly path: {};
    readonly query: { readonly dry_run?: 'true' | 'false' };
    readonly body: SaveSecret;
    readonly answer: GlobalSecretSaved | DryRun;
  };
  /** Saves a secret for every workspace that has none of the same name. */
  'PUT /settings/secrets': {
    readonly path: {};
    readonly query: { readonly dry_run?: 'true' | 'false' };
    readonly body: SaveSecret;
    readonly answer: GlobalSecretSaved | DryRun;
  };
  /** Deletes a secret of every workspace. */
  'DELETE /settings/secrets/{key}': {
    readonly path: { readonly key: string };
    readonly query: { readonly dry_run?: 'true' | 'false' };
    readonly body: undefined;
    readonly answer: GlobalSecretDeleted | DryRun;
  };
  /** Every workspace that is not removed, oldest first. */
  'GET /workspaces': {
    readonly path: {};
    readonly query: {};
    readonly body: undefined;
    readonly answer: WorkspaceList;
  };
  /** Creates a workspace and provisions it. */
  'POST /workspaces': {
    readonly path: {};
    readonly query: { readonly dry_run?: 'true' | 'false' };
    readonly body: CreateWorkspace;
    readonly answer: DryRun | CreatedWorkspace;
  };
  /** One workspace; a removed one until it is purged. */
  'GET /workspaces/{id}': {
    readonly path: { readonly id: string };
    readonly query: {};
    readonly body: undefined;
    readonly answer: Workspace;
  };
  /** Changes name, place in the tree, layout and the like. */
  'PATCH /workspaces/{id}': {
    readonly path: { readonly id: string };
    readonly query: { readonly dry_run?: 'true' | 'false' };
    readonly body: PatchWorkspace;
    readonly answer: PatchedWorkspace | DryRun;
  };
  /** Removes a workspace and stops its boxes; its data too with purge. */
  'DELETE /workspaces/{id}': {
    readonly path: { readonly id: string };
    readonly query: { readonly confirm?: string; readonly purge?: string; readonly dry_run?: 'true' | 'false' };
    readonly body: undefined;
    readonly answer: DeletedWorkspace | DryRun;
  };
  /** What a workspace may spend a month, and what it has spent. */
  'GET /workspaces/{id}/budget': {
    readonly path: { readonly id: string };
    readonly query: {};
    readonly body: undefined;
    readonly answer: Budget;
  };
  /** Sets or clears what a workspace may spend a month. */
  'PATCH /workspaces/{id}/budget': {
    readonly path: { readonly id: string };
    readonly query: { readonly dry_run?: 'true' | 'false' };
    readonly body: PatchBudget;
    readonly answer: Budget | DryRun;
  };
  /** Removes everything below a workspace. */
  'POST /workspaces/{id}/collapse': {
    readonly path: { readonly id: string };
    readonly query: { readonly dry_run?: 'true' | 'false' };
    readonly body: undefined;
    readonly answer: CollapsedWorkspace | DryRun;
  };
  /** What the box of a workspace wrote to its console; needs a control plane. */
  'GET /workspaces/{id}/console': {
    readonly path: { readonly id: string };
    readonly query: {};
    readonly body: undefined;
    readonly answer: Console;
  };
  /** Events of a workspace as they happen; recorded ones have ids and resume by Last-Event-ID. */
  'GET /workspaces/{id}/events/stream': {
    readonly path: { readonly id: string };
    readonly query: {};
    readonly body: undefined;
    readonly answer: unknown;
  };
  /** Stops an idle workspace until a wake brings it up again. */
  'POST /workspaces/{id}/hibernate': {
    readonly path: { readonly id: string };
    readonly query: { readonly force?: string; readonly dry_run?: 'true' | 'false' };
    readonly body: undefined;
    readonly answer: HibernatedWorkspace | DryRun;
  };
  /** The model a workspace was told to use. */
  'GET /workspaces/{id}/model': {
    readonly path: { readonly id: string };
    readonly query: {};
    readonly body: undefined;
    readonly answer: Model;
  };
  /** Sets or clears the model of a workspace. */
  'PUT /workspaces/{id}/model': {
    readonly path: { readonly id: string };
    readonly query: { readonly dry_run?: 'true' | 'false' };
    readonly body: SetModel;
    readonly answer: ModelSet | DryRun;
  };
  /** Operations of one workspace, newest first; also after it was purged. */
  'GET /workspaces/{id}/operations': {
    readonly path: { readonly id: string };
    readonly query: { readonly state?: 'accepted' | 'running' | 'succeeded' | 'failed' | 'compensated' | 'superseded' | 'coalesced' | 'cancelled' | 'open'; readonly kind?: 'provision' | 'restart' | 'pause' | 'resume' | 'hibernate' | 'wake' | 'switch' | 'delete'; readonly workspace_id?: string; readonly actor?: string; readonly parent_id?: string; readonly failure_code?: string; readonly since?: string; readonly until?: string; readonly before?: number; readonly limit?: number };
    readonly body: undefined;
    readonly answer: OperationList;
  };
  /** Stops a workspace and all below it until somebody resumes them. */
  'POST /workspaces/{id}/pause': {
    readonly path: { readonly id: string };
    readonly query: { readonly dry_run?: 'true' | 'false' };
    readonly body: undefined;
    readonly answer: PausedWorkspace | DryRun;
  };
  /** Replaces the box of a workspace; also ends its pause or hibernation. */
  'POST /workspaces/{id}/restart': {
    readonly path: { readonly id: string };
    readonly query: { readonly reset?: string; readonly dry_run?: 'true' | 'false' };
    readonly body: RestartWorkspace;
    readonly answer: RestartedWorkspace | DryRun;
  };
  /** Brings a paused workspace and the paused ones below it up again. */
  'POST /workspaces/{id}/resume': {
    readonly path: { readonly id: string };
    readonly query: { readonly dry_run?: 'true' | 'false' };
    readonly body: undefined;
    readonly answer: ResumedWorkspace | DryRun;
  };
  /** Names of the secrets a workspace gets, its own and the global ones; never values. */
  'GET /workspaces/{id}/secrets': {
    readonly path: { readonly id: string };
    readonly query: {};
    readonly body: undefined;
    readonly answer: Secrets;
  };
  /** Saves a secret of a workspace, over an older one of the same name. */
  'POST /workspaces/{id}/secrets': {
    readonly path: { readonly id: string };
    readonly query: { readonly dry_run?: 'true' | 'false' };
    readonly body: SaveSecret;
    readonly answer: SecretSaved | DryRun;
  };
  /** Saves a secret of a workspace, over an older one of the same name. */
  'PUT /workspaces/{id}/secrets': {
    readonly path: { readonly id: string };
    readonly query: { readonly dry_run?: 'true' | 'false' };
    readonly body: SaveSecret;
    readonly answer: SecretSaved | DryRun;
  };
  /** Every secret of a workspace in the clear, for its own agent. */
  'GET /workspaces/{id}/secrets/values': {
    readonly path: { readonly id: string };
    readonly query: {};
    readonly body: undefined;
    readonly answer: SecretValues;
  };
  /** Deletes a secret of a workspace; a global one of the same name counts again. */
  'DELETE /workspaces/{id}/secrets/{key}': {
    readonly path: { readonly id: string; readonly key: string };
    readonly query: { readonly dry_run?: 'true' | 'false' };
    readonly body: undefined;
    readonly answer: SecretDeleted | DryRun;
  };
  /** What an agent asks to learn whether it is still wanted. */
  'GET /workspaces/{id}/state': {
    readonly path: { readonly id: string };
    readonly query: {};
    readonly body: undefined;
    readonly answer: WorkspaceState;
  };
  /** Moves a workspace to another cloud; brings it back when that fails. */
  'POST /workspaces/{id}/switch-provider': {
    readonly path: { readonly id: string };
    readonly query: { readonly dry_run?: 'true' | 'false' };
    readonly body: SwitchProvider;
    readonly answer: SwitchedProvider | DryRun;
  };
  /** Live tokens of a workspace, newest first. */
  'GET /workspaces/{id}/tokens': {
    readonly path: { readonly id: string };
    readonly query: { readonly limit?: number; readonly offset?: number };
    readonly body: undefined;
    readonly answer: Tokens;
  };
  /** Makes a token of a workspace; it survives restarts. */
  'POST /workspaces/{id}/tokens': {
    readonly path: { readonly id: string };
    readonly query: { readonly dry_run?: 'true' | 'false' };
    readonly body: undefined;
    readonly answer: DryRun | TokenMinted;
  };
  /** Revokes a token of a workspace. */
  'DELETE /workspaces/{id}/tokens/{tokenId}': {
    readonly path: { readonly id: string; readonly tokenId: string };
    readonly query: { readonly dry_run?: 'true' | 'false' };
    readonly body: undefined;
    readonly answer: TokenRevoked | DryRun;
  };
  /** Brings a hibernated workspace up again. */
  'POST /workspaces/{id}/wake': {
    readonly path: { readonly id: string };
    readonly query: { readonly dry_run?: 'true' | 'false' };
    readonly body: undefined;
    readonly answer: WokenWorkspace | DryRun;
  };
  /** A WebSocket that sends every event the caller may see. */
  'GET /ws': {
    readonly path: {};
    readonly query: {};
    readonly body: undefined;
    readonly answer: unknown;
  };
}

/** Every route, as METHOD and path. */
export const routes: readonly (keyof Routes)[] = [
  'GET /admin/liveness',
  'GET /admin/secrets',
  'POST /admin/secrets',
  'DELETE /admin/secrets/{key}',
  'POST /admin/sweep',
  'POST /admin/workspace-images/refresh',
  'POST /admin/workspaces/{id}/bootstrap-failed',
  'GET /admin/workspaces/{id}/test-token',
  'POST /admin/workspaces/{id}/test-token',
  'GET /backends',
  'GET /boxes',
  'GET /events',
  'GET /events/{workspaceId}',
  'GET /health',
  'GET /metrics',
  'GET /operations',
  'GET /operations/{id}',
  'POST /operations/{id}/cancel',
  'GET /operations/{id}/events',
  'POST /operations/{id}/retry',
  'GET /org/tokens',
  'POST /org/tokens',
  'DELETE /org/tokens/{id}',
  'GET /ready',
  'POST /registry/heartbeat',
  'POST /registry/register',
  'POST /registry/update-card',
  'GET /settings/secrets',
  'POST /settings/secrets',
  'PUT /settings/secrets',
  'DELETE /settings/secrets/{key}',
  'GET /workspaces',
  'POST /workspaces',
  'GET /workspaces/{id}',
  'PATCH /workspaces/{id}',
  'DELETE /workspaces/{id}',
  'GET /workspaces/{id}/budget',
  'PATCH /workspaces/{id}/budget',
  'POST /workspaces/{id}/collapse',
  'GET /workspaces/{id}/console',
  'GET /workspaces/{id}/events/stream',
  'POST /workspaces/{id}/hibernate',
  'GET /workspaces/{id}/model',
  'PUT /workspaces/{id}/model',
  'GET /workspaces/{id}/operations',
  'POST /workspaces/{id}/pause',
  'POST /workspaces/{id}/restart',
  'POST /workspaces/{id}/resume',
  'GET /workspaces/{id}/secrets',
  'POST /workspaces/{id}/secrets',
  'PUT /workspaces/{id}/secrets',
  'GET /workspaces/{id}/secrets/values',
  'DELETE /workspaces/{id}/secrets/{key}',
  'GET /workspaces/{id}/state',
  'POST /workspaces/{id}/switch-provider',
  'GET /workspaces/{id}/tokens',
  'POST /workspaces/{id}/tokens',
  'DELETE /workspaces/{id}/tokens/{tokenId}',
  'POST /workspaces/{id}/wake',
  'GET /ws',
];
