// Generated from docs/openapi.json by "pnpm gen": do not edit.

export type Backends = readonly {
  readonly host: string;
  readonly kind: string;
  readonly seen_at: string;
  readonly away: boolean;
}[];

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
};

export type Operation = {
  readonly id: string;
  readonly workspace_id: string;
  readonly kind: 'provision' | 'restart' | 'pause' | 'resume' | 'hibernate' | 'wake' | 'switch' | 'delete';
  readonly state: 'accepted' | 'running' | 'succeeded' | 'failed' | 'compensated' | 'superseded' | 'coalesced' | 'cancelled';
  /** Who asked for it. */
  readonly actor: string;
  readonly reason: string | null;
  readonly parent_id: string | null;
  /** The step it is in, or was in when it ended. */
  readonly phase: string | null;
  readonly cycle: number;
  readonly prior_status: 'provisioning' | 'online' | 'degraded' | 'offline' | 'failed' | 'paused' | 'hibernating' | 'hibernated' | 'awaiting_agent' | 'removed' | null;
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
  readonly workspace_id: string;
  readonly kind: 'provision' | 'restart' | 'pause' | 'resume' | 'hibernate' | 'wake' | 'switch' | 'delete';
  readonly state: 'accepted' | 'running' | 'succeeded' | 'failed' | 'compensated' | 'superseded' | 'coalesced' | 'cancelled';
  /** Who asked for it. */
  readonly actor: string;
  readonly reason: string | null;
  readonly parent_id: string | null;
  /** The step it is in, or was in when it ended. */
  readonly phase: string | null;
  readonly cycle: number;
  readonly prior_status: 'provisioning' | 'online' | 'degraded' | 'offline' | 'failed' | 'paused' | 'hibernating' | 'hibernated' | 'awaiting_agent' | 'removed' | null;
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
};

export type SecretSaved = {
  readonly status: 'saved';
  readonly key: string;
};

export type SecretValues = { readonly [key: string]: string };

export type Secrets = readonly Secret[];

export type SetModel = {
  /** As the runtime writes its models. Empty goes back to the runtime’s default. */
  readonly model: string;
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
    readonly query: {};
    readonly body: SaveSecret;
    readonly answer: GlobalSecretSaved;
  };
  /** Deletes a secret of every workspace. */
  'DELETE /admin/secrets/{key}': {
    readonly path: { readonly key: string };
    readonly query: {};
    readonly body: undefined;
    readonly answer: GlobalSecretDeleted;
  };
  /** Makes a token for scripts that test the platform. Not there in production. */
  'GET /admin/workspaces/{id}/test-token': {
    readonly path: { readonly id: string };
    readonly query: {};
    readonly body: undefined;
    readonly answer: TestTokenMinted;
  };
  /** Makes a token for scripts that test the platform. Not there in production. */
  'POST /admin/workspaces/{id}/test-token': {
    readonly path: { readonly id: string };
    readonly query: {};
    readonly body: undefined;
    readonly answer: TestTokenMinted;
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
    readonly query: { readonly state?: 'accepted' | 'running' | 'succeeded' | 'failed' | 'compensated' | 'superseded' | 'coalesced' | 'cancelled' | 'open'; readonly kind?: 'provision' | 'restart' | 'pause' | 'resume' | 'hibernate' | 'wake' | 'switch' | 'delete'; readonly limit?: number };
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
  /** The steps of an operation as they happen: "step" events, resumed by Last-Event-ID, and one "end". */
  'GET /operations/{id}/events': {
    readonly path: { readonly id: string };
    readonly query: {};
    readonly body: undefined;
    readonly answer: unknown;
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
    readonly query: {};
    readonly body: MintOrgToken;
    readonly answer: OrgTokenMinted;
  };
  /** Revokes an org token. */
  'DELETE /org/tokens/{id}': {
    readonly path: { readonly id: string };
    readonly query: {};
    readonly body: undefined;
    readonly answer: OrgTokenRevoked;
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
    readonly query: {};
    readonly body: SaveSecret;
    readonly answer: GlobalSecretSaved;
  };
  /** Saves a secret for every workspace that has none of the same name. */
  'PUT /settings/secrets': {
    readonly path: {};
    readonly query: {};
    readonly body: SaveSecret;
    readonly answer: GlobalSecretSaved;
  };
  /** Deletes a secret of every workspace. */
  'DELETE /settings/secrets/{key}': {
    readonly path: { readonly key: string };
    readonly query: {};
    readonly body: undefined;
    readonly answer: GlobalSecretDeleted;
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
    readonly query: {};
    readonly body: CreateWorkspace;
    readonly answer: CreatedWorkspace;
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
    readonly query: {};
    readonly body: PatchWorkspace;
    readonly answer: PatchedWorkspace;
  };
  /** Removes a workspace and stops its boxes; its data too with purge. */
  'DELETE /workspaces/{id}': {
    readonly path: { readonly id: string };
    readonly query: { readonly confirm?: string; readonly purge?: string };
    readonly body: undefined;
    readonly answer: DeletedWorkspace;
  };
  /** Events of a workspace as they happen; recorded ones have ids and resume by Last-Event-ID. */
  'GET /workspaces/{id}/events/stream': {
    readonly path: { readonly id: string };
    readonly query: {};
    readonly body: undefined;
    readonly answer: unknown;
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
    readonly query: {};
    readonly body: SetModel;
    readonly answer: ModelSet;
  };
  /** Operations of one workspace, newest first; also after it was purged. */
  'GET /workspaces/{id}/operations': {
    readonly path: { readonly id: string };
    readonly query: { readonly state?: 'accepted' | 'running' | 'succeeded' | 'failed' | 'compensated' | 'superseded' | 'coalesced' | 'cancelled' | 'open'; readonly kind?: 'provision' | 'restart' | 'pause' | 'resume' | 'hibernate' | 'wake' | 'switch' | 'delete'; readonly limit?: number };
    readonly body: undefined;
    readonly answer: OperationList;
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
    readonly query: {};
    readonly body: SaveSecret;
    readonly answer: SecretSaved;
  };
  /** Saves a secret of a workspace, over an older one of the same name. */
  'PUT /workspaces/{id}/secrets': {
    readonly path: { readonly id: string };
    readonly query: {};
    readonly body: SaveSecret;
    readonly answer: SecretSaved;
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
    readonly query: {};
    readonly body: undefined;
    readonly answer: SecretDeleted;
  };
  /** What an agent asks to learn whether it is still wanted. */
  'GET /workspaces/{id}/state': {
    readonly path: { readonly id: string };
    readonly query: {};
    readonly body: undefined;
    readonly answer: WorkspaceState;
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
    readonly query: {};
    readonly body: undefined;
    readonly answer: TokenMinted;
  };
  /** Revokes a token of a workspace. */
  'DELETE /workspaces/{id}/tokens/{tokenId}': {
    readonly path: { readonly id: string; readonly tokenId: string };
    readonly query: {};
    readonly body: undefined;
    readonly answer: TokenRevoked;
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
  'GET /operations/{id}/events',
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
  'GET /workspaces/{id}/events/stream',
  'GET /workspaces/{id}/model',
  'PUT /workspaces/{id}/model',
  'GET /workspaces/{id}/operations',
  'GET /workspaces/{id}/secrets',
  'POST /workspaces/{id}/secrets',
  'PUT /workspaces/{id}/secrets',
  'GET /workspaces/{id}/secrets/values',
  'DELETE /workspaces/{id}/secrets/{key}',
  'GET /workspaces/{id}/state',
  'GET /workspaces/{id}/tokens',
  'POST /workspaces/{id}/tokens',
  'DELETE /workspaces/{id}/tokens/{tokenId}',
  'GET /ws',
];
