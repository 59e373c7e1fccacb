/** Answers of a gateway as they are, with only what a test is about to say. */

export const scoutId = '11111111-1111-4111-8111-111111111111';
export const kidId = '44444444-4444-4444-8444-444444444444';
export const operationId = '22222222-2222-4222-8222-222222222222';

export const aWorkspace = (other: object = {}) => ({
  id: scoutId,
  name: 'scout',
  role: null,
  tier: 3,
  status: 'online',
  url: 'http://127.0.0.1:9000',
  runtime: 'reference',
  parent_id: null,
  agent_card: null,
  active_tasks: 0,
  max_concurrent_tasks: 1,
  uptime_seconds: 0,
  last_error_rate: 0,
  x: 0,
  y: 0,
  collapsed: false,
  current_task: '',
  last_sample_error: '',
  workspace_dir: null,
  monthly_spend: 0,
  budget_limit: null,
  last_outbound_at: null,
  ...other,
});

export const anOperation = (other: object = {}) => ({
  id: operationId,
  seq: 7,
  workspace_id: scoutId,
  kind: 'provision',
  state: 'succeeded',
  actor: 'admin-token',
  reason: null,
  parent_id: null,
  tree_root: null,
  cycle_request: {},
  restart_context: null,
  cancel_requested_at: null,
  phase: 'finish',
  cycle: 1,
  prior_status: null,
  failure: null,
  superseded_by: null,
  coalesced_into: null,
  accepted_at: '2026-01-01T00:00:00.000Z',
  began_at: '2026-01-01T00:00:00.100Z',
  deadline_at: null,
  ended_at: '2026-01-01T00:00:02.000Z',
  workflow_id: `ws:${scoutId}`,
  run_id: null,
  ...other,
});

export const aStep = (seq: number, step: string, state: string, other: object = {}) => ({
  seq,
  step,
  cycle: 1,
  state,
  detail: null,
  at: `2026-01-01T00:00:0${seq}.000Z`,
  ...other,
});

export const aProblem = (status: number, code: string, error: string, other: object = {}) => ({
  error,
  type: `urn:holdfast:failure:${code}`,
  title: error,
  status,
  code,
  next_step: `what to do about ${code}`,
  request_id: 'a-request',
  ...other,
});

/** What a gateway answers to a dry run over scout and its child. */
export const aPlan = (verb: string) => ({
  dry_run: true,
  verb,
  status: 'paused',
  targets: [
    { ...aTarget, workspace_id: scoutId, name: 'scout', decision: 'preempt' },
    { ...aTarget, workspace_id: kidId, name: 'kid', decision: 'queue', boxes: [] },
  ],
});

const aTarget = {
  status: 'paused',
  operation_kind: 'pause',
  steps: ['begin', 'begin settle', 'settle', 'finish'],
  boxes: [{ id: '33333333-3333-4333-8333-333333333333', backend: 'docker', host: 'a-host', state: 'running' }],
};
