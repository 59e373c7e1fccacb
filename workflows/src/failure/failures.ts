/** One failure we mean: what it says and what to do next. Its HTTP status lives in the gateway. */
export interface FailureSpec {
  /** One sentence for a person. */
  readonly says: string;
  /** What the reader should do now. */
  readonly next: string;
  /** Whether trying the same again can help. */
  readonly retryable: boolean;
}

/** Every failure the product means, under a stable code. `docs/errors.md` has a section for each (tested). */
export const failures = {
  INVALID_REQUEST: {
    says: 'The request is not what this route takes.',
    next: 'Compare it with the route in the API documentation.',
    retryable: false,
  },
  INVALID_WORKSPACE_ID: {
    says: 'The workspace id is not a UUID.',
    next: 'Run "holdfast workspace list" for the ids.',
    retryable: false,
  },
  WORKSPACE_NOT_FOUND: {
    says: 'There is no such workspace.',
    next: 'Run "holdfast workspace list" for the ids.',
    retryable: false,
  },
  OPERATION_NOT_FOUND: {
    says: 'There is no such operation.',
    next: 'Run "holdfast operation list" with the workspace id.',
    retryable: false,
  },
  OPERATION_IN_PROGRESS: {
    says: 'Another operation of this workspace is running.',
    next: 'Wait for it: "holdfast operation watch" with its id.',
    retryable: true,
  },
  OPERATION_NOT_CANCELLABLE: {
    says: 'This operation cannot be cancelled.',
    next: 'See what it is at, or came to: "holdfast operation get" with its id.',
    retryable: false,
  },
  OPERATION_NOT_RETRYABLE: {
    says: 'Only an operation that failed or was cancelled can be tried again.',
    next: 'Look at it: "holdfast operation get" with its id.',
    retryable: false,
  },
  ALREADY_SWITCHING: {
    says: 'The workspace is being changed already.',
    next: 'Wait for its end, and look at its provider again.',
    retryable: true,
  },
  DATA_LOSS_UNCONFIRMED: {
    says: 'The persistent volume does not move with the workspace.',
    next: 'Repeat with confirm_data_loss if it may be lost.',
    retryable: false,
  },
  NOT_SWITCHABLE: {
    says: 'This workspace has no box in a cloud.',
    next: 'Only workspaces behind a control plane can move to another cloud.',
    retryable: false,
  },
  PARENT_PAUSED: {
    says: 'A workspace above this one is paused.',
    next: 'Resume the workspace that is named first.',
    retryable: false,
  },
  ACTIVE_TASKS: {
    says: 'The workspace has active tasks.',
    next: 'Wait for them, or repeat with force=true to end them.',
    retryable: true,
  },
  HIBERNATE_FAILED: {
    says: 'The workspace could not be stopped and goes on as before.',
    next: 'See the worker log for the cause, then try again.',
    retryable: true,
  },
  CONSOLE_UNAVAILABLE: {
    says: 'console output unavailable on this deployment (no control plane)',
    next: 'Read the log of the box on its host: "docker logs" with its container.',
    retryable: false,
  },
  CONSOLE_FAILED: {
    says: 'control plane returned an error fetching console output',
    next: 'Look at the log of the gateway and at the control plane, then ask again.',
    retryable: true,
  },
  UNKNOWN_RUNTIME: {
    says: 'There is no such runtime.',
    next: 'Use one of the runtimes that the answer names.',
    retryable: false,
  },
  IMAGE_REFRESH_FAILED: {
    says: 'The images could not be refreshed everywhere.',
    next: 'See the worker log for the cause; the answer says what was done.',
    retryable: true,
  },
  SWEEP_REFUSED: {
    says: 'More than 40 % of the boxes look orphaned, so none was touched.',
    next: 'Look at "holdfast sweep --dry-run"; if they are orphans indeed, repeat with force.',
    retryable: false,
  },
  CONFIRMATION_REQUIRED: {
    says: 'The workspace has children that would be deleted with it.',
    next: 'Repeat with confirm=true to delete them as well.',
    retryable: false,
  },
  DELETE_INCOMPLETE: {
    says: 'The workspace is removed, but a box could not be stopped yet.',
    next: 'Nothing: the box is owed and a sweeper keeps trying. Repeating the request is safe.',
    retryable: true,
  },
  UNAUTHORIZED: {
    says: 'The credential is missing or not valid here.',
    next: 'Send "Authorization: Bearer <token>" with a credential that may call this route.',
    retryable: false,
  },
  FORBIDDEN: {
    says: 'This credential may not do that.',
    next: 'Use an organisation or admin token.',
    retryable: false,
  },
  NOT_FOUND: {
    says: 'There is no such thing here.',
    next: 'Check the address against the API documentation.',
    retryable: false,
  },
  TOO_LARGE: {
    says: 'The request body is larger than this route takes.',
    next: 'Send less in one request.',
    retryable: false,
  },
  RATE_LIMITED: {
    says: 'Too many requests with this credential or from this address.',
    next: 'Wait for the seconds in Retry-After.',
    retryable: true,
  },
  TOKEN_LIMIT: {
    says: 'The workspace has as many live tokens as it may have.',
    next: 'Revoke one: "holdfast token revoke".',
    retryable: false,
  },
  IDEMPOTENCY_MISMATCH: {
    says: 'This Idempotency-Key was used with another request.',
    next: 'Use a new key for a new request.',
    retryable: false,
  },
  PLATFORM_UNAVAILABLE: {
    says: 'The platform cannot reach its database.',
    next: 'Try again in a few seconds; "holdfast doctor" tells what is down.',
    retryable: true,
  },
  INTERNAL: { says: 'Something failed that should not have.', next: 'Report it with the request id.', retryable: true },
  UNSAFE_URL: {
    says: 'The agent URL points where the platform must not connect.',
    next: 'Give an address that is reachable from the platform and public.',
    retryable: false,
  },

  NO_BACKEND: {
    says: 'no provisioning backend available — workspace requires either a Docker daemon (self-hosted) or control-plane provisioner (SaaS)',
    next: 'Start a worker with a backend ("holdfast doctor" lists them), then restart the workspace.',
    retryable: true,
  },
  GLOBAL_SECRET_UNREADABLE: {
    says: 'failed to decrypt global secret',
    next: 'Save the global secrets again with the current encryption key.',
    retryable: false,
  },
  WORKSPACE_SECRET_UNREADABLE: {
    says: 'failed to decrypt workspace secret',
    next: 'Save the workspace secrets again with the current encryption key.',
    retryable: false,
  },
  MUTATOR_FAILED: {
    says: 'plugin env mutator chain failed',
    next: 'See the worker log for the mutator that failed.',
    retryable: true,
  },
  REQUIRED_ENV_MISSING: {
    says: 'missing required env var',
    next: 'Add it under Config → Env Vars or as a global secret, then restart.',
    retryable: false,
  },
  NO_CONFIG_SOURCE: {
    says: 'no config.yaml source and config volume is empty',
    next: 'Delete the workspace or provide a template.',
    retryable: false,
  },
  START_FAILED: {
    says: 'workspace start failed',
    next: 'See the worker log for the cause, then restart the workspace.',
    retryable: true,
  },
  PROVISION_FAILED: {
    says: 'provisioning failed',
    next: 'See the control plane log for the cause, then restart the workspace.',
    retryable: true,
  },
  AGENT_TIMEOUT: {
    says: 'provisioning timed out — container started but never called /registry/register. Check container logs and network connectivity to the platform.',
    next: 'Read the box log, then restart the workspace.',
    retryable: true,
  },
  BOOT_FAILED: {
    says: 'bootstrap failed — see log_tail',
    next: 'Read the log tail in the workspace error, then restart the workspace.',
    retryable: true,
  },
  EXECUTION_LOST: {
    says: 'the execution of this operation is gone from Temporal',
    next: 'Restart the workspace, or delete it; its boxes are being stopped.',
    retryable: true,
  },
  CANCELLED: { says: 'cancelled', next: 'Nothing: somebody cancelled it.', retryable: false },
} as const satisfies Record<string, FailureSpec>;

export type FailureCode = keyof typeof failures;
