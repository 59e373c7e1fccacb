import { createServer, type IncomingHttpHeaders, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type TestGateway, testGateway } from './support/gateway.ts';

const asked: { url: string | undefined; headers: IncomingHttpHeaders }[] = [];
let answer: RequestListener = () => undefined;
/** A control plane that answers as the test says. */
const controlPlane = createServer((request, response) => {
  asked.push({ url: request.url, headers: request.headers });
  answer(request, response);
});
const says =
  (status: number, body: unknown): RequestListener =>
  (_, response) =>
    void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
const member = says(200, { member: true, user_id: 'u-1' });

let gateway: TestGateway;
beforeAll(async () => {
  await new Promise<void>((resolve) => controlPlane.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(controlPlane.address() as AddressInfo).port}`;
  gateway = await testGateway({ env: { CP_UPSTREAM_URL: url, MOLECULE_ORG_SLUG: 'ac me' } });
});
afterAll(async () => {
  await gateway.close();
  controlPlane.closeAllConnections();
  controlPlane.close();
});
beforeEach(() => void asked.splice(0));

let last = 0;
/** A cookie that nobody has asked about. */
const aCookie = () => `theme=dark; session=${(last += 1)}`;
const statusWith = async (cookie: string) =>
  (await gateway.call('GET', '/operations', { token: null, headers: { cookie } })).statusCode;

describe('a session', () => {
  test('is asked about by its whole cookie and the slug, as the verifier of tenants, and once for a while', async () => {
    answer = member;
    const cookie = aCookie();
    for (let i = 0; i < 3; i++) expect(await statusWith(cookie)).toBe(200);
    expect(asked).toMatchObject([
      {
        url: '/cp/auth/tenant-member?slug=ac%20me',
        headers: { cookie, 'user-agent': 'molecule-tenant-platform/session-verifier' },
      },
    ]);
  });

  test.each<[string, RequestListener]>([
    ['no member', says(200, { member: false, user_id: 'u-1' })],
    ['a member without an id', says(200, { member: true, user_id: '' })],
    ['a member with another status', says(201, { member: true, user_id: 'u-1' })],
    ['refused', says(401, {})],
    ['nonsense', says(200, 'yes')],
  ])('that is %s is nobody’s, and that is remembered too', async (_, said) => {
    answer = said;
    const cookie = aCookie();
    for (let i = 0; i < 2; i++) expect(await statusWith(cookie)).toBe(401);
    expect(asked).toHaveLength(1);
  });

  test.each<[string, RequestListener]>([
    ['the connection is cut', (request) => void request.socket.destroy()],
    ['the control plane has failed', says(503, {})],
    ['it sends one elsewhere', (_, response) => void response.writeHead(302, { location: '/elsewhere' }).end()],
  ])('is nobody’s for now when %s, and is asked about again', async (_, said) => {
    answer = said;
    const cookie = aCookie();
    expect(await statusWith(cookie)).toBe(401);
    answer = member;
    expect(await statusWith(cookie)).toBe(200);
  });

  test('is given up on after three seconds, and nobody’s until the control plane answers', async () => {
    answer = () => undefined;
    const cookie = aCookie();
    const before = performance.now();
    expect(await statusWith(cookie)).toBe(401);
    const tookMs = performance.now() - before;
    expect(tookMs).toBeGreaterThan(2_900);
    expect(tookMs).toBeLessThan(10_000);
    answer = member;
    expect(await statusWith(cookie)).toBe(200);
  });
});

describe.each([
  ['the slug of its organisation', { MOLECULE_ORG_SLUG: '' }],
  ['the address of a control plane', { CP_UPSTREAM_URL: '' }],
])('a gateway without %s', (_, missing) => {
  test('asks nobody about a session: it is no credential', async () => {
    answer = member;
    const url = `http://127.0.0.1:${(controlPlane.address() as AddressInfo).port}`;
    const off = await testGateway({ env: { CP_UPSTREAM_URL: url, MOLECULE_ORG_SLUG: 'ac me', ...missing } });
    try {
      const options = { token: null, headers: { cookie: aCookie() } };
      expect((await off.call('GET', '/operations', options)).statusCode).toBe(401);
      expect(asked).toEqual([]);
    } finally {
      await off.close();
    }
  });
});
