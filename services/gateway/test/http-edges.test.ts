import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { addWorkspace, addWorkspaceToken, type TestGateway, testGateway } from './support/gateway.ts';

let gateway: TestGateway;
let tenant: TestGateway;
let limited: TestGateway;
beforeAll(async () => {
  gateway = await testGateway({ env: { METRICS_TOKEN: 'metrics-token' } });
  const database = { url: gateway.url, database: gateway.db };
  tenant = await testGateway({ database, env: { MOLECULE_ORG_ID: ' acme ' } });
  limited = await testGateway({ database, env: { RATE_LIMIT: '3' } });
});
afterAll(async () => {
  await Promise.all([tenant.app.close(), limited.app.close()]);
  await gateway.close();
});

describe('what no route matches', () => {
  test('is plain text 404, also for a wrong method', async () => {
    for (const [method, url] of [
      ['GET', '/nonsense'],
      ['PUT', '/workspaces'],
      ['POST', '/workspaces/x/expand'],
      ['HEAD', '/health'],
      ['OPTIONS', '/workspaces'],
    ] as const) {
      const answer = await gateway.call(method, url);
      expect([url, answer.statusCode]).toEqual([url, 404]);
      expect(answer.headers['content-type']).toBe('text/plain; charset=utf-8');
      if (method !== 'HEAD') expect(answer.body).toBe('404 page not found');
    }
  });

  test('is sent to the path without its last slash when that is a route', async () => {
    const got = await gateway.call('GET', '/workspaces/?a=1&b=2');
    expect([got.statusCode, got.headers.location]).toEqual([301, '/workspaces?a=1&b=2']);
    const posted = await gateway.call('POST', '/workspaces/', { body: {} });
    expect([posted.statusCode, posted.headers.location]).toEqual([307, '/workspaces']);
    for (const url of ['/nonsense/', '//workspaces.evil.example/', '/\\evil.example/'])
      expect((await gateway.call('GET', url)).statusCode).toBe(404);
  });
});

describe('CORS', () => {
  const origin = 'http://localhost:3000';

  test('refuses an unknown origin with an empty 403 and does not serve the request', async () => {
    for (const wrong of ['http://evil.example', 'null', 'http://localhost:3000.evil.example']) {
      const answer = await gateway.call('POST', '/workspaces', { body: { name: 'x' }, headers: { origin: wrong } });
      expect([answer.statusCode, answer.body]).toEqual([403, '']);
    }
    expect(await gateway.db.workspace.count({ where: { name: 'x' } })).toBe(0);
  });

  test('answers a preflight with 204 and what is allowed', async () => {
    const answer = await gateway.call('OPTIONS', '/workspaces', {
      token: null,
      headers: { origin, 'access-control-request-method': 'POST' },
    });
    expect(answer.statusCode).toBe(204);
    expect(answer.headers).toMatchObject({
      'access-control-allow-origin': origin,
      'access-control-allow-credentials': 'true',
      'access-control-allow-methods': 'GET, POST, PUT, PATCH, DELETE, OPTIONS',
    });
    for (const name of [
      'Authorization',
      'X-Workspace-ID',
      'X-Molecule-Org-Slug',
      'X-Molecule-Org-Id',
      'X-Timeout',
      'Idempotency-Key',
    ]) {
      expect(answer.headers['access-control-allow-headers']).toContain(name);
    }
  });

  test('lets a page of an allowed origin read the answer and its limits', async () => {
    const answer = await gateway.call('GET', '/workspaces', { headers: { origin } });
    expect(answer.headers).toMatchObject({ 'access-control-allow-origin': origin, vary: 'Origin' });
    expect(answer.headers['access-control-expose-headers']).toContain('Retry-After');
  });

  test('takes the origin of the host itself for none', async () => {
    const answer = await gateway.call('GET', '/health', {
      headers: { host: 'holdfast.example', origin: 'https://holdfast.example' },
    });
    expect(answer.statusCode).toBe(200);
    expect(answer.headers['access-control-allow-origin']).toBeUndefined();
  });
});

describe('security headers', () => {
  const strict = "default-src 'self'";

  test.each([
    ['/health', null],
    ['/workspaces', undefined],
    ['/nonsense', null],
  ])('are on %s', async (url, token) => {
    const answer = await gateway.call('GET', url, token === undefined ? {} : { token });
    expect(answer.headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'strict-transport-security': 'max-age=31536000; includeSubDomains',
      'referrer-policy': 'strict-origin-when-cross-origin',
      'permissions-policy': 'camera=(), microphone=(), geolocation=()',
    });
  });

  test('are stricter on API paths than on pages', async () => {
    expect((await gateway.call('GET', '/workspaces')).headers['content-security-policy']).toBe(strict);
    expect((await gateway.call('GET', '/workspaces-of-others')).headers['content-security-policy']).toContain(
      "script-src 'self' 'unsafe-inline'",
    );
    expect((await gateway.call('GET', '/docs', { token: null })).headers['content-security-policy']).not.toContain(
      'unsafe-eval',
    );
  });

  test('are on refusals too', async () => {
    for (const headers of [{ origin: 'http://evil.example' }, {}]) {
      expect((await gateway.call('GET', '/workspaces', { token: null, headers })).headers['x-frame-options']).toBe(
        'DENY',
      );
    }
  });
});

describe('the tenant guard', () => {
  test('answers an empty 404 to a request that is not for this tenant', async () => {
    for (const headers of [{}, { 'x-molecule-org-id': 'other' }, { 'fly-replay-src': 'instance=1;state=other' }]) {
      const answer = await tenant.call('GET', '/workspaces', { headers });
      expect([answer.statusCode, answer.body]).toEqual([404, '']);
    }
  });

  test('lets one pass that carries the id, in either header', async () => {
    for (const headers of [{ 'x-molecule-org-id': 'acme' }, { 'fly-replay-src': 'instance=1; state=acme' }]) {
      expect((await tenant.call('GET', '/workspaces', { headers })).statusCode).toBe(200);
    }
  });

  test('is no authentication', async () => {
    expect(
      (await tenant.call('GET', '/workspaces', { token: null, headers: { 'x-molecule-org-id': 'acme' } })).statusCode,
    ).toBe(401);
  });

  test('leaves probes and agents alone', async () => {
    expect((await tenant.call('GET', '/health', { token: null })).statusCode).toBe(200);
    expect((await tenant.call('GET', '/metrics')).statusCode).toBe(200);
  });

  test('makes rows belong to the tenant', async () => {
    const { id } = (
      await tenant.call('POST', '/workspaces', { body: { name: 'ours' }, headers: { 'x-molecule-org-id': 'acme' } })
    ).json<{ id: string }>();
    expect((await gateway.db.workspace.findUniqueOrThrow({ where: { id } })).orgId).toBe('acme');
  });
});

describe('the rate limit', () => {
  const from = (remoteAddress: string, headers: Record<string, string> = {}, url = '/health') =>
    limited.server.inject({ method: 'GET', url, headers, remoteAddress });

  test('is told on every answer and refuses the one too many', async () => {
    for (const remaining of ['2', '1', '0']) {
      const answer = await from('192.0.2.1');
      expect(answer.statusCode).toBe(200);
      expect(answer.headers).toMatchObject({
        'x-ratelimit-limit': '3',
        'x-ratelimit-remaining': remaining,
        'x-ratelimit-reset': expect.stringMatching(/^\d+$/),
      });
    }
    const refused = await from('192.0.2.1');
    expect(refused.statusCode).toBe(429);
    expect(refused.headers['x-ratelimit-remaining']).toBe('0');
    const { error, retry_after: retryAfter } = refused.json<{ error: string; retry_after: number }>();
    expect([error, String(retryAfter)]).toEqual(['rate limit exceeded', refused.headers['retry-after']]);
  });

  test('is not escaped by a forwarded-for header', async () => {
    const answers = await Promise.all(
      [1, 2, 3, 4].map((n) => from('192.0.2.2', { 'x-forwarded-for': `203.0.113.${n}` })),
    );
    expect(answers.map((answer) => answer.statusCode).sort((a, b) => a - b)).toEqual([200, 200, 200, 429]);
  });

  test('counts a valid credential by itself, wherever it comes from, and a guessed one by its address', async () => {
    const token = await addWorkspaceToken(gateway.db, await addWorkspace(gateway.db));
    const authorization = `Bearer ${token}`;
    const credential = await Promise.all(
      [3, 4, 5, 6].map((n) => from(`192.0.2.${n}`, { authorization }, '/operations')),
    );
    expect(credential.map((answer) => answer.statusCode).sort((a, b) => a - b)).toEqual([401, 401, 401, 429]);
    const guesses = await Promise.all(
      [1, 2, 3, 4].map((n) => from('192.0.2.7', { authorization: `Bearer guess-${n}` }, '/operations')),
    );
    expect(guesses.map((answer) => answer.statusCode).sort((a, b) => a - b)).toEqual([401, 401, 401, 429]);
  });

  test('believes a trusted proxy about the address', async () => {
    const proxied = await testGateway({
      database: { url: gateway.url, database: gateway.db },
      env: { RATE_LIMIT: '1', TRUSTED_PROXIES: '10.0.0.0/8' },
    });
    const through = (proxy: string, client: string) =>
      proxied.server.inject({
        method: 'GET',
        url: '/health',
        remoteAddress: proxy,
        headers: { 'x-forwarded-for': client },
      });
    const codes = [
      await through('10.0.0.1', '203.0.113.1'),
      await through('10.0.0.1', '203.0.113.2'),
      await through('10.0.0.2', '203.0.113.1'),
    ];
    expect(codes.map((answer) => answer.statusCode)).toEqual([200, 200, 429]);
    await proxied.app.close();
  });

  test('of org token mints is ten an hour, after the caller was admitted', async () => {
    const mint = (token?: null) =>
      gateway.call('POST', '/org/tokens', { body: {}, ...(token === null ? { token } : {}) });
    for (let n = 0; n < 11; n += 1) expect((await mint(null)).statusCode).toBe(401);
    for (let n = 0; n < 10; n += 1) expect((await mint()).statusCode).toBe(200);
    const refused = await mint();
    expect(refused.statusCode).toBe(429);
    expect(refused.headers['x-ratelimit-limit']).toBe('10');
  });
});

describe('a failure', () => {
  test('keeps the contract’s error and has the members of RFC 9457 beside it', async () => {
    const answer = await gateway.call('GET', '/workspaces/9f1d2c3b-4a5e-4f60-8a71-0123456789ab', {
      headers: { 'x-request-id': 'trace-7' },
    });
    expect(answer.headers['content-type']).toBe('application/json; charset=utf-8');
    expect(answer.headers['x-request-id']).toBe('trace-7');
    expect(answer.json()).toEqual({
      error: 'workspace not found',
      type: 'urn:holdfast:failure:WORKSPACE_NOT_FOUND',
      title: 'There is no such workspace.',
      status: 404,
      code: 'WORKSPACE_NOT_FOUND',
      next_step: 'Run "holdfast workspace list" for the ids.',
      request_id: 'trace-7',
    });
  });

  test('is problem+json only for who asks for it', async () => {
    const answer = await gateway.call('GET', '/workspaces/nonsense', {
      headers: { accept: 'application/problem+json' },
    });
    expect(answer.headers['content-type']).toContain('application/problem+json');
  });

  test('of the address itself is 400 in the same shape', async () => {
    for (const url of ['/workspaces/%', '/workspaces/%zz', '/workspaces/%00', '/events/%00', '/operations?state=%00']) {
      const answer = await gateway.call('GET', url);
      expect([url, answer.statusCode]).toEqual([url, 400]);
      expect(answer.json()).toMatchObject({ code: expect.any(String), request_id: expect.any(String) });
    }
  });

  test('does not take a request id that could forge a log line', async () => {
    const answer = await gateway.call('GET', '/health', { headers: { 'x-request-id': 'a b{}' } });
    expect(answer.headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/);
  });
});

test('metrics count requests by their route’s pattern, for the metrics token and operators only', async () => {
  const id = await addWorkspace(gateway.db);
  await gateway.call('GET', `/workspaces/${id}`);
  await gateway.call('GET', '/some/where');
  const answer = await gateway.call('GET', '/metrics', { token: 'metrics-token' });
  expect(answer.headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8');
  expect(answer.body).toMatch(/molecule_http_requests_total\{method="GET",path="\/workspaces\/:id",status="200"\} \d+/);
  expect(answer.body).toContain('path="unmatched"');
  expect(answer.body).toContain('molecule_http_request_duration_seconds_total{');
  expect(answer.body).not.toContain(id);
  expect((await gateway.call('GET', '/metrics', { token: null })).statusCode).toBe(401);
});

test('a log line has the route and the caller, and never the credential, the query or the body', async () => {
  await gateway.call('POST', '/workspaces?secret-in-query', {
    body: { name: 'logged', secrets: { A_KEY: 'hunter2hunter2' } },
  });
  const lines = gateway.lines.join('');
  expect(lines).toContain('"route":"/workspaces"');
  expect(lines).toContain('"caller":"admin-token"');
  for (const secret of ['hunter2', 'secret-in-query', 'Bearer', 'admin-token-of-the-tests'])
    expect(lines).not.toContain(secret);
});
