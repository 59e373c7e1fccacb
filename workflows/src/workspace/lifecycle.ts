import { type WorkspaceStatus, workspaceStatuses } from './status.ts';

/** One way a workspace may change its status. `from` is exact: a write whose row is not in it affects nothing. */
export interface Transition {
  readonly id: string;
  readonly from: readonly (WorkspaceStatus | 'none')[];
  readonly to: WorkspaceStatus | 'gone';
  /** Who does it, or what it follows from. */
  readonly cause: string;
}

const except = (...excluded: WorkspaceStatus[]): WorkspaceStatus[] =>
  workspaceStatuses.filter((status) => !excluded.includes(status));

/**
 * The whole lifecycle. Rows T1–T30 carry the numbers of the wire contract; rows named O… are what operations need
 * on top of it (going back after a failure).
 */
export const lifecycle = {
  create: { id: 'T1', from: ['none'], to: 'provisioning', cause: 'create, org import or bundle import' },
  externalWithUrl: {
    id: 'T2',
    from: ['provisioning'],
    to: 'online',
    cause: 'create of an external workspace with a URL',
  },
  externalWithoutUrl: {
    id: 'T3',
    from: ['provisioning'],
    to: 'awaiting_agent',
    cause: 'create of an external workspace without a URL',
  },
  registerUnknown: {
    id: 'T4',
    from: ['none'],
    to: 'online',
    cause: 'register with an unknown id (legacy switch only)',
  },
  register: {
    id: 'T5',
    from: except('removed', 'paused', 'hibernating', 'hibernated'),
    to: 'online',
    cause: 'the agent registered',
  },
  beatWhileProvisioning: { id: 'T6', from: ['provisioning'], to: 'online', cause: 'heartbeat' },
  beatWhileOffline: { id: 'T7', from: ['offline'], to: 'online', cause: 'heartbeat' },
  wedged: { id: 'T8', from: ['online'], to: 'degraded', cause: 'heartbeat reports a wedged runtime' },
  erroring: { id: 'T9', from: ['online'], to: 'degraded', cause: 'heartbeat reports an error rate of 0.5 or more' },
  recovered: {
    id: 'T10',
    from: ['degraded'],
    to: 'online',
    cause: 'heartbeat reports an error rate under 0.1 and a healthy runtime',
  },
  beatAgain: { id: 'T11', from: ['awaiting_agent', 'failed'], to: 'online', cause: 'heartbeat' },
  livenessExpired: {
    id: 'T12',
    from: except('removed', 'paused', 'hibernating', 'hibernated', 'provisioning', 'offline'),
    to: 'offline',
    cause: 'no heartbeat for the liveness time',
  },
  externalLivenessExpired: {
    id: 'T12x',
    from: except('removed', 'paused', 'hibernating', 'hibernated', 'provisioning', 'awaiting_agent'),
    to: 'awaiting_agent',
    cause: 'no heartbeat of an external agent for the liveness time',
  },
  boxDead: { id: 'T13', from: ['online', 'degraded'], to: 'offline', cause: 'health sweep found the box not running' },
  externalStale: { id: 'T14', from: ['online', 'degraded'], to: 'awaiting_agent', cause: 'remote-liveness sweep' },
  agentDead: {
    id: 'T15',
    from: except('removed', 'provisioning', 'paused', 'hibernating', 'hibernated', 'offline'),
    to: 'offline',
    cause: 'the message path found the box not running',
  },
  restartByHand: { id: 'T16', from: except('removed'), to: 'provisioning', cause: 'manual restart' },
  restart: {
    id: 'T17',
    from: except('removed', 'paused', 'hibernated'),
    to: 'provisioning',
    cause: 'programmatic restart',
  },
  resume: { id: 'T18', from: ['paused'], to: 'provisioning', cause: 'resume' },
  wake: { id: 'T19', from: ['hibernated'], to: 'provisioning', cause: 'an incoming message wakes it' },
  switchClaim: {
    id: 'T20',
    from: except('provisioning', 'removed', 'hibernating'),
    to: 'provisioning',
    cause: 'switch-provider claim',
  },
  /** T21 goes back to whatever the claim left: one row for each status a claim may come from. */
  switchBackOnline: { id: 'T21', from: ['provisioning'], to: 'online', cause: 'switch-provider rolled back' },
  switchBackDegraded: { id: 'T21', from: ['provisioning'], to: 'degraded', cause: 'switch-provider rolled back' },
  switchBackOffline: { id: 'T21', from: ['provisioning'], to: 'offline', cause: 'switch-provider rolled back' },
  switchBackFailed: { id: 'T21', from: ['provisioning'], to: 'failed', cause: 'switch-provider rolled back' },
  switchBackPaused: { id: 'T21', from: ['provisioning'], to: 'paused', cause: 'switch-provider rolled back' },
  switchBackHibernated: { id: 'T21', from: ['provisioning'], to: 'hibernated', cause: 'switch-provider rolled back' },
  switchBackAwaiting: { id: 'T21', from: ['provisioning'], to: 'awaiting_agent', cause: 'switch-provider rolled back' },
  provisionFailed: { id: 'T22', from: ['provisioning'], to: 'failed', cause: 'a step of a bring-up failed' },
  provisionTimedOut: { id: 'T23', from: ['provisioning'], to: 'failed', cause: 'the agent did not register in time' },
  bootstrapFailed: { id: 'T24', from: ['provisioning'], to: 'failed', cause: 'the box crashed before it registered' },
  noBackend: { id: 'T25', from: ['provisioning'], to: 'failed', cause: 'no backend to run a box on' },
  pause: { id: 'T26', from: except('removed', 'paused'), to: 'paused', cause: 'pause of it or of an ancestor' },
  hibernateClaim: {
    id: 'T27',
    from: ['online', 'degraded'],
    to: 'hibernating',
    cause: 'idle monitor or hibernate route',
  },
  hibernated: { id: 'T28', from: ['hibernating'], to: 'hibernated', cause: 'its box is stopped' },
  remove: { id: 'T29', from: except('removed'), to: 'removed', cause: 'delete or collapse of it or of an ancestor' },
  purge: { id: 'T30', from: ['removed'], to: 'gone', cause: 'purge' },
  hibernateBackOnline: { id: 'O1', from: ['hibernating'], to: 'online', cause: 'its box could not be stopped' },
  hibernateBackDegraded: { id: 'O1', from: ['hibernating'], to: 'degraded', cause: 'its box could not be stopped' },
  executionLost: {
    id: 'O2',
    from: except('removed', 'paused', 'failed'),
    to: 'failed',
    cause: 'the execution of its operation is gone',
  },
  resumeExternal: { id: 'O3', from: ['paused'], to: 'awaiting_agent', cause: 'resume of an external workspace' },
} as const satisfies Record<string, Transition>;

export type TransitionName = keyof typeof lifecycle;

/** The statuses a transition may start from, as a value for SQL. */
export const fromSet = (name: TransitionName): readonly WorkspaceStatus[] =>
  (lifecycle[name].from as readonly string[]).filter((status): status is WorkspaceStatus => status !== 'none');

/** The status a transition leads to. */
export const target = (name: TransitionName): WorkspaceStatus => {
  const { to } = lifecycle[name];
  if (to === 'gone') throw new RangeError(`${name} deletes the row`);
  return to;
};

/** Whether some row of the table leads from one status to the other. */
export const mayChange = (from: WorkspaceStatus, to: WorkspaceStatus): boolean =>
  Object.values<Transition>(lifecycle).some((row) => row.to === to && row.from.includes(from));
