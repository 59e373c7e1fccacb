import { type Policy, may } from './policy.ts';

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

  'GET /workspaces': may('admin'),
  'POST /workspaces': may('admin', { invalidText: 'invalid workspace payload' }),
  'GET /workspaces/:id': may('peer'),
  'PATCH /workspaces/:id': may('workspace'),
  'DELETE /workspaces/:id': may('admin'),
  'GET /workspaces/:id/state': may('own', { quiet: true }),
  'GET /workspaces/:id/operations': may('workspace'),
  'GET /workspaces/:id/events/stream': may('workspace'),

  'GET /operations': may('admin'),
  'GET /operations/:id': may('credential'),
  'GET /operations/:id/events': may('credential'),
  'GET /boxes': may('admin'),
  'GET /backends': may('admin'),

  'GET /events': may('admin'),
  'GET /events/:workspaceId': may('admin'),
  'GET /ws': may('self'),

  'POST /registry/register': may('self', { mendText: true }),
  'POST /registry/heartbeat': may('self', { quiet: true, mendText: true }),
  'POST /registry/update-card': may('self', { mendText: true }),

  'GET /workspaces/:id/secrets': may('workspace'),
  'POST /workspaces/:id/secrets': may('workspace'),
  'PUT /workspaces/:id/secrets': may('workspace'),
  'DELETE /workspaces/:id/secrets/:key': may('workspace'),
  'GET /workspaces/:id/secrets/values': may('own'),
  'GET /workspaces/:id/model': may('workspace'),
  'PUT /workspaces/:id/model': may('workspace'),
  'GET /settings/secrets': may('admin'),
  'POST /settings/secrets': may('admin'),
  'PUT /settings/secrets': may('admin'),
  'DELETE /settings/secrets/:key': may('admin'),
  'GET /admin/secrets': may('admin'),
  'POST /admin/secrets': may('admin'),
  'DELETE /admin/secrets/:key': may('admin'),

  'GET /workspaces/:id/tokens': may('workspace'),
  // A token must not be able to make or revoke others: an agent that leaks one would never get rid of it.
  'POST /workspaces/:id/tokens': may('admin', { lenientBody: true }),
  'DELETE /workspaces/:id/tokens/:tokenId': may('admin'),
  'GET /admin/workspaces/:id/test-token': may('self'),
  'POST /admin/workspaces/:id/test-token': may('self', { lenientBody: true }),
  'GET /org/tokens': may('admin'),
  'POST /org/tokens': may('admin', { rate: 'org-mint', lenientBody: true }),
  'DELETE /org/tokens/:id': may('admin'),
};
