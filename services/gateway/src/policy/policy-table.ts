import { type Policy, may } from './policy.ts';

/** A change that the state of a thing may forbid; what it needs to know first is looked up. */
const verb = { dryRun: true, conflicts: true, failedText: 'lookup failed' } as const;

/**
 * Every route of the gateway and who may call it. Adding a route means adding its row here: a route without one stops
 * the gateway at boot, and a test calls each row with every kind of credential.
 */
export const policyTable: Readonly<Record<string, Policy>> = {
  'GET /health': may('none', { quiet: true }),
  'GET /ready': may('none', { quiet: true }),
  'GET /metrics': may('metrics', { quiet: true }),
  'GET /openapi.json': may('none'),
  'GET /docs': may('none'),
  'GET /docs/*': may('none'),
  'HEAD /docs/*': may('none'),
  'GET /admin/liveness': may('admin', { quiet: true }),

  'GET /workspaces': may('admin', { failedText: 'query failed' }),
  'POST /workspaces': may('admin', {
    dryRun: true,
    invalidText: 'invalid workspace payload',
    failedText: 'failed to create workspace',
  }),
  'GET /workspaces/:id': may('peer', { failedText: 'query failed' }),
  'PATCH /workspaces/:id': may('workspace', { dryRun: true }),
  'DELETE /workspaces/:id': may('admin', { ...verb, failedText: 'failed to check children' }),
  'POST /workspaces/:id/restart': may('workspace', { ...verb, invalidText: 'invalid JSON body' }),
  'POST /workspaces/:id/pause': may('workspace', verb),
  'POST /workspaces/:id/resume': may('workspace', verb),
  'POST /workspaces/:id/hibernate': may('workspace', verb),
  'POST /workspaces/:id/wake': may('workspace', verb),
  'POST /workspaces/:id/collapse': may('workspace', verb),
  'POST /workspaces/:id/switch-provider': may('workspace', { ...verb, invalidText: 'invalid JSON body' }),
  'GET /workspaces/:id/budget': may('workspace', { failedText: 'query failed' }),
  // An agent must not raise its own limit.
  'PATCH /workspaces/:id/budget': may('admin', { dryRun: true, failedText: 'failed to update budget' }),
  'GET /workspaces/:id/console': may('admin'),
  'POST /admin/workspaces/:id/bootstrap-failed': may('admin', { mendText: true, failedText: 'db update failed' }),
  'GET /workspaces/:id/state': may('own', { quiet: true }),
  'GET /workspaces/:id/operations': may('workspace'),
  'GET /workspaces/:id/events/stream': may('workspace', { failedText: 'failed to verify workspace' }),

  'GET /operations': may('admin'),
  'GET /operations/:id': may('credential'),
  'GET /operations/:id/events': may('credential'),
  'POST /operations/:id/cancel': may('admin', verb),
  'POST /operations/:id/retry': may('admin', verb),
  'POST /admin/sweep': may('admin', { dryRun: true }),
  'POST /admin/workspace-images/refresh': may('admin', { dryRun: true }),
  'GET /boxes': may('admin'),
  'GET /backends': may('admin'),

  'GET /events': may('admin', { failedText: 'query failed' }),
  'GET /events/:workspaceId': may('admin', { failedText: 'query failed' }),
  'GET /ws': may('self'),

  'POST /registry/register': may('self', { mendText: true, failedText: 'registration failed' }),
  'POST /registry/heartbeat': may('self', { quiet: true, mendText: true, failedText: 'failed to update' }),
  'POST /registry/update-card': may('self', { mendText: true, failedText: 'failed to update card' }),

  'GET /workspaces/:id/secrets': may('workspace', { failedText: 'query failed' }),
  'POST /workspaces/:id/secrets': may('workspace', { dryRun: true, failedText: 'failed to save secret' }),
  'PUT /workspaces/:id/secrets': may('workspace', { dryRun: true, failedText: 'failed to save secret' }),
  'DELETE /workspaces/:id/secrets/:key': may('workspace', { dryRun: true, failedText: 'failed to delete secret' }),
  'GET /workspaces/:id/secrets/values': may('own'),
  'GET /workspaces/:id/model': may('workspace', { failedText: 'query failed' }),
  'PUT /workspaces/:id/model': may('workspace', { dryRun: true, failedText: 'failed to save model' }),
  'GET /settings/secrets': may('admin', { failedText: 'query failed' }),
  'POST /settings/secrets': may('admin', { dryRun: true, failedText: 'failed to save' }),
  'PUT /settings/secrets': may('admin', { dryRun: true, failedText: 'failed to save' }),
  'DELETE /settings/secrets/:key': may('admin', { dryRun: true, failedText: 'failed to delete' }),
  'GET /admin/secrets': may('admin', { failedText: 'query failed' }),
  'POST /admin/secrets': may('admin', { dryRun: true, failedText: 'failed to save' }),
  'DELETE /admin/secrets/:key': may('admin', { dryRun: true, failedText: 'failed to delete' }),

  'GET /workspaces/:id/tokens': may('workspace', { failedText: 'failed to list tokens' }),
  // A token must not be able to make or revoke others: an agent that leaks one would never get rid of it.
  'POST /workspaces/:id/tokens': may('admin', {
    dryRun: true,
    lenientBody: true,
    failedText: 'failed to create token',
  }),
  'DELETE /workspaces/:id/tokens/:tokenId': may('admin', { dryRun: true, failedText: 'failed to revoke token' }),
  'GET /admin/workspaces/:id/test-token': may('self', { dryRun: true, failedText: 'lookup failed' }),
  'POST /admin/workspaces/:id/test-token': may('self', {
    dryRun: true,
    lenientBody: true,
    failedText: 'lookup failed',
  }),
  'GET /org/tokens': may('admin', { failedText: 'failed to list tokens' }),
  'POST /org/tokens': may('admin', {
    dryRun: true,
    rate: 'org-mint',
    lenientBody: true,
    failedText: 'failed to mint token',
  }),
  'DELETE /org/tokens/:id': may('admin', { dryRun: true, failedText: 'failed to revoke' }),
};
