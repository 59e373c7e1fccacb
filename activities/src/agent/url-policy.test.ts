import { describe, expect, test } from 'vitest';
import type { HostLookup } from './host-lookup.ts';
import { checkUrl, type UrlUse } from './url-policy.ts';

const modes = {
  strict: { saas: false, dev: false },
  saas: { saas: true, dev: false },
  dev: { saas: false, dev: true },
};
type Mode = keyof typeof modes;
const uses: UrlUse[] = ['register', 'dispatch'];

/** Category, some of its addresses, and the modes that allow it. */
const table: [string, string[], Mode[]][] = [
  [
    'loopback',
    ['127.0.0.1', '127.255.255.254', '::1', '::ffff:127.0.0.1', '64:ff9b::7f00:1', '2002:7f00:1::'],
    ['dev'],
  ],
  [
    'link-local or cloud metadata',
    ['169.254.169.254', '169.254.0.1', 'fe80::1', 'febf::1', '::ffff:169.254.169.254', 'fd00:ec2::254', 'fd20:ce::254'],
    [],
  ],
  [
    'private',
    ['10.0.0.1', '10.255.255.255', '172.16.0.1', '172.31.255.255', '192.168.1.1', '::ffff:10.0.0.1'],
    ['saas', 'dev'],
  ],
  ['unique-local', ['fd00::1', 'fdff:ffff::1'], ['saas', 'dev']],
  ['unassigned unique-local', ['fc00::1', 'fcff::1'], []],
  ['documentation', ['192.0.2.1', '198.51.100.7', '203.0.113.255', '2001:db8::1'], []],
  ['carrier-grade NAT', ['100.64.0.1', '100.127.255.255'], []],
  ['multicast', ['224.0.0.1', '239.255.255.255', 'ff02::1'], []],
  ['unspecified', ['0.0.0.0', '0.1.2.3', '::'], []],
  ['reserved', ['240.0.0.1', '255.255.255.255', '::808:808', 'fec0::1', '100::1'], []],
];
const publicAddresses = ['8.8.8.8', '172.32.0.1', '100.128.0.1', '2606:4700::1', '::ffff:8.8.8.8'];

const inUrl = (address: string) => `http://${address.includes(':') ? `[${address}]` : address}:8000/a`;
const check = (
  url: string,
  use: UrlUse,
  mode: Mode,
  lookup: HostLookup = () => Promise.reject(new Error('no lookup here')),
) => checkUrl(url, use, { mode: modes[mode], lookup });

describe.each(uses)('for %s', (use) => {
  for (const mode of Object.keys(modes) as Mode[]) {
    for (const [category, addresses, allowedIn] of table) {
      const allowed = allowedIn.includes(mode);
      test.each(addresses)(`${allowed ? 'allows' : 'refuses'} ${category} %s in ${mode} mode`, async (address) => {
        const verdict = await check(inUrl(address), use, mode);
        if (allowed) expect(verdict.allowed).toBe(true);
        else expect(verdict).toEqual({ allowed: false, reason: `url targets a blocked address: ${category}` });
      });

      test.each(addresses)(
        `${allowed ? 'allows' : 'refuses'} a name that resolves to ${category} %s in ${mode} mode`,
        async (address) => {
          const verdict = await check('https://agent.example.net/', use, mode, () =>
            Promise.resolve(['8.8.8.8', address]),
          );
          if (allowed) expect(verdict).toMatchObject({ allowed: true, addresses: ['8.8.8.8', address] });
          else
            expect(verdict).toEqual({
              allowed: false,
              reason: `hostname "agent.example.net" resolves to forbidden address: ${category}`,
            });
        },
      );
    }
    test.each(publicAddresses)(`allows public %s in ${mode} mode`, async (address) => {
      expect((await check(inUrl(address), use, mode)).allowed).toBe(true);
    });
  }

  test.each([
    ['ftp://example.net/', 'ftp'],
    ['remote://no-inbound', 'remote'],
    ['javascript:alert(1)', 'javascript'],
    ['//example.net/a', ''],
    ['not a url', ''],
  ])('refuses the scheme of %s', async (url, scheme) => {
    expect(await check(url, use, 'dev')).toEqual({
      allowed: false,
      reason: `url scheme must be http or https, got "${scheme}"`,
    });
  });

  test.each(['http://', 'http://:80', 'https://exa mple.net/', 'http://[::1'])(
    'refuses %s, which names no host',
    async (url) => {
      const verdict = await check(url, use, 'dev');
      expect(verdict).toMatchObject({
        allowed: false,
        reason: expect.stringContaining('cannot be resolved (DNS error)'),
      });
    },
  );

  test.each(['http://2130706433/', 'http://0x7f.1/', 'http://0177.0.0.1/', 'http://127.1/'])(
    'sees the loopback address behind %s',
    async (url) => {
      expect(await check(url, use, 'saas')).toEqual({
        allowed: false,
        reason: 'url targets a blocked address: loopback',
      });
    },
  );

  test('refuses a name that cannot be resolved', async () => {
    const lookup = () => Promise.reject(Object.assign(new Error('queryA'), { code: 'ENOTFOUND' }));
    expect(await check('http://nowhere.example.net', use, 'saas', lookup)).toEqual({
      allowed: false,
      reason: 'hostname "nowhere.example.net" cannot be resolved (DNS error): ENOTFOUND',
    });
  });

  test('refuses a name without addresses', async () => {
    const verdict = await check('http://empty.example.net', use, 'dev', () => Promise.resolve([]));
    expect(verdict).toMatchObject({ allowed: false, reason: expect.stringContaining('no addresses') });
  });

  test('refuses a resolver that answers something else than addresses', async () => {
    expect((await check('http://odd.example.net', use, 'dev', () => Promise.resolve(['odd']))).allowed).toBe(false);
  });
});

describe('the name localhost', () => {
  const lookup = () => Promise.resolve(['127.0.0.1']);

  test.each(Object.keys(modes) as Mode[])('is accepted without a look-up at register in %s mode', async (mode) => {
    expect((await check('http://localhost:9000', 'register', mode)).allowed).toBe(true);
  });

  test.each([
    ['strict', false],
    ['saas', false],
    ['dev', true],
  ] as const)('is resolved before a dispatch: in %s mode allowed is %s', async (mode, allowed) => {
    expect((await check('http://localhost:9000', 'dispatch', mode, lookup)).allowed).toBe(allowed);
  });
});
