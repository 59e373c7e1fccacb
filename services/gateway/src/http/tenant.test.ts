import { expect, test } from 'vitest';
import { isForTenant } from './tenant.ts';

const ours = { 'x-molecule-org-id': 'acme' };

test.each<[string, string, Record<string, string>, boolean]>([
  ['carries the id', '/workspaces', ours, true],
  ['carries another', '/workspaces', { 'x-molecule-org-id': 'other' }, false],
  ['carries nothing', '/workspaces', {}, false],
  ['was replayed for it', '/workspaces', { 'fly-replay-src': 'instance=1; state=acme ;t=2' }, true],
  ['was replayed for another', '/workspaces', { 'fly-replay-src': 'instance=1;state=other' }, false],
  ['was replayed for one that only begins like it', '/workspaces', { 'fly-replay-src': 'state=acme2' }, false],
  ['names it elsewhere in the replay', '/workspaces', { 'fly-replay-src': 'instance=acme;mystate=acme' }, false],
  ['asks for its health', '/health', {}, true],
  ['asks for its metrics', '/metrics', {}, true],
  ['registers', '/registry/register', {}, true],
  ['beats', '/registry/heartbeat', {}, true],
  ['does something else of an agent', '/registry/update-card', {}, false],
  ['is for the control plane', '/cp/auth/me', {}, true],
  ['is for what only begins like it', '/cpu', {}, false],
  ['asks for something below an exempt path', '/health/deep', {}, false],
])('a request that %s passes the tenant guard or does not', (_, path, headers, passes) => {
  expect(isForTenant('acme', path, headers)).toBe(passes);
});

test('without an organisation of its own a gateway takes every request', () => {
  expect(isForTenant(undefined, '/workspaces', {})).toBe(true);
});
