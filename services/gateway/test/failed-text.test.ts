import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type TestGateway, testGateway } from './support/gateway.ts';

let gateway: TestGateway;
const id = randomUUID();

beforeAll(async () => {
  gateway = await testGateway({ env: { MOLECULE_ENV: 'test' } });
  for (const table of ['workspaces', 'structure_events', 'workspace_secrets', 'global_secrets', 'org_api_tokens'])
    await gateway.db.$executeRawUnsafe(`ALTER TABLE ${table} RENAME TO ${table}_away`);
});
afterAll(() => gateway.close());

describe('incident 25: a statement that Postgres refuses is answered with the contract’s text and nothing of its own by', () => {
  const secret = { key: 'A_KEY', value: 'a value' };
  test.each<[string, string, unknown, string]>([
    ['GET', '/workspaces', undefined, 'query failed'],
    ['POST', '/workspaces', { name: 'a' }, 'failed to create workspace'],
    ['GET', `/workspaces/${id}`, undefined, 'query failed'],
    ['DELETE', `/workspaces/${id}`, undefined, 'failed to check children'],
    ['POST', `/workspaces/${id}/restart`, undefined, 'lookup failed'],
    ['POST', `/workspaces/${id}/pause`, undefined, 'lookup failed'],
    ['POST', `/workspaces/${id}/resume`, undefined, 'lookup failed'],
    ['POST', `/workspaces/${id}/hibernate`, undefined, 'lookup failed'],
    ['POST', `/workspaces/${id}/wake`, undefined, 'lookup failed'],
    ['POST', `/workspaces/${id}/switch-provider`, { provider: 'gcp' }, 'lookup failed'],
    ['POST', `/workspaces/${id}/collapse?dry_run=true`, undefined, 'lookup failed'],
    ['GET', `/workspaces/${id}/budget`, undefined, 'query failed'],
    ['PATCH', `/workspaces/${id}/budget`, { budget_limit: 1 }, 'failed to update budget'],
    ['POST', `/admin/workspaces/${id}/bootstrap-failed`, { error: 'x', log_tail: '' }, 'db update failed'],
    ['GET', `/workspaces/${id}/events/stream`, undefined, 'failed to verify workspace'],
    ['GET', '/events', undefined, 'query failed'],
    ['GET', `/events/${id}`, undefined, 'query failed'],
    ['POST', '/registry/register', { id, agent_card: null, delivery_mode: 'poll' }, 'registration failed'],
    ['POST', '/registry/heartbeat', { workspace_id: id }, 'failed to update'],
    ['POST', '/registry/update-card', { workspace_id: id, agent_card: null }, 'failed to update card'],
    ['GET', `/workspaces/${id}/secrets`, undefined, 'query failed'],
    ['POST', `/workspaces/${id}/secrets`, secret, 'failed to save secret'],
    ['PUT', `/workspaces/${id}/secrets`, secret, 'failed to save secret'],
    ['DELETE', `/workspaces/${id}/secrets/A_KEY`, undefined, 'failed to delete secret'],
    ['GET', `/workspaces/${id}/model`, undefined, 'query failed'],
    ['PUT', `/workspaces/${id}/model`, { model: 'a' }, 'failed to save model'],
    ['GET', '/settings/secrets', undefined, 'query failed'],
    ['POST', '/settings/secrets', secret, 'failed to save'],
    ['PUT', '/settings/secrets', secret, 'failed to save'],
    ['DELETE', '/settings/secrets/A_KEY', undefined, 'failed to delete'],
    ['GET', '/admin/secrets', undefined, 'query failed'],
    ['POST', '/admin/secrets', secret, 'failed to save'],
    ['DELETE', '/admin/secrets/A_KEY', undefined, 'failed to delete'],
    ['POST', `/workspaces/${id}/tokens`, undefined, 'failed to create token'],
    ['GET', `/admin/workspaces/${id}/test-token`, undefined, 'lookup failed'],
    ['GET', '/org/tokens', undefined, 'failed to list tokens'],
    ['POST', '/org/tokens', undefined, 'failed to mint token'],
    ['DELETE', `/org/tokens/${id}`, undefined, 'failed to revoke'],
  ])('%s %s', async (method, url, body, error) => {
    const answer = await gateway.call(method as 'GET', url, body === undefined ? {} : { body });
    expect([answer.statusCode, answer.json()['error'], answer.json()['code']]).toEqual([500, error, 'INTERNAL']);
    expect(answer.body).not.toMatch(/relation|_away|prisma|42P01/i);
  });
});
