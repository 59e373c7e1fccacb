import { afterEach, describe, expect, test } from 'vitest';
import { tellOf, withTenantConfig } from '../src/config/tenant-config.ts';
import { type Scripted, startOlderControlPlane } from './control-plane-older.ts';

type Plane = Awaited<ReturnType<typeof startOlderControlPlane>>;
let plane: Plane | undefined;
afterEach(() => plane?.close());

/** A tenant whose control plane answers so. */
async function given(answer: Scripted, over: Record<string, string | undefined> = {}) {
  plane = await startOlderControlPlane(() => answer);
  const own = {
    MOLECULE_ORG_ID: ' acme ',
    ADMIN_TOKEN: 'admin',
    MOLECULE_CP_URL: `${plane.url}/`,
    MOLECULE_CP_SHARED_SECRET: 'old',
    DATABASE_URL: 'postgresql://ours',
    ...over,
  };
  return { own, plane };
}

describe('what the control plane decides for a tenant', () => {
  test('is asked for with its admin token and its id, and wins over what it has', async () => {
    const { own, plane: asked } = await given({
      status: 200,
      body: { MOLECULE_CP_SHARED_SECRET: 'new', CORS_ORIGINS: 'https://acme.example.com' },
    });
    expect(await withTenantConfig(own)).toEqual({
      environment: { ...own, MOLECULE_CP_SHARED_SECRET: 'new', CORS_ORIGINS: 'https://acme.example.com' },
      applied: ['CORS_ORIGINS', 'MOLECULE_CP_SHARED_SECRET'],
      ignored: [],
      trouble: null,
    });
    const [heard, ...more] = asked.heard();
    expect(more).toEqual([]);
    expect(heard).toMatchObject({
      call: 'GET /cp/tenants/config',
      headers: { authorization: 'Bearer admin', 'x-molecule-org-id': 'acme' },
    });
  });

  test.each([
    'DATABASE_URL',
    'SECRETS_ENCRYPTION_KEY',
    'ADMIN_TOKEN',
    'HOLDFAST_OWNER',
    'MOLECULE_ORG_ID',
    'MOLECULE_CP_URL',
    'CP_PROVISION_URL',
    'NODE_OPTIONS',
    'PATH',
  ])('is never %s: it could take the installation over', async (name) => {
    const { own } = await given({ status: 200, body: { [name]: 'theirs', RATE_LIMIT: '100' } });
    const { environment, ignored } = await withTenantConfig(own);
    expect(environment).toEqual({ ...own, RATE_LIMIT: '100' });
    expect(ignored).toEqual([name]);
  });

  test('is not a value of more than 4 KiB', async () => {
    const { own } = await given({
      status: 200,
      body: { CORS_ORIGINS: 'ü'.repeat(2_049), GHCR_USER: 'ü'.repeat(2_048) },
    });
    expect(await withTenantConfig(own)).toMatchObject({ applied: ['GHCR_USER'], ignored: ['CORS_ORIGINS'] });
  });

  test.each<[string, Scripted]>([
    ['refuses', { status: 401, body: { error: 'no' } }],
    ['fails', { status: 500, body: '<html>' }],
    ['says something else', { status: 200, body: { CORS_ORIGINS: 5 } }],
    ['says more than 64 KiB', { status: 200, body: { GHCR_USER: 'x'.repeat(70_000) } }],
    ['hangs up', null],
    ['says nothing', 'silence'],
  ])('is nothing when it %s: the platform starts with what it has', async (_, answer) => {
    const { own } = await given(answer);
    const { environment, trouble } = await withTenantConfig(own, 200);
    expect(environment).toBe(own);
    expect(trouble).not.toBeNull();
  });

  test.each<[string, Record<string, string | undefined>]>([
    ['no organisation', { MOLECULE_ORG_ID: ' ' }],
    ['no admin token', { ADMIN_TOKEN: '' }],
    ['never been told of one', { MOLECULE_CP_URL: undefined, MOLECULE_CP_SHARED_SECRET: undefined }],
  ])('is asked by nobody who has %s', async (_, over) => {
    const { own, plane: asked } = await given({ status: 200, body: { RATE_LIMIT: '1' } }, over);
    expect((await withTenantConfig(own)).environment).toBe(own);
    expect(asked.heard()).toEqual([]);
  });

  test('is told of by name, never by value', async () => {
    const { own } = await given({ status: 200, body: { GHCR_TOKEN: 'a-secret', PATH: 'another-secret' } });
    const lines: unknown[] = [];
    const say = (facts: object, text: string) => void lines.push([facts, text]);
    tellOf(await withTenantConfig(own), { info: say, warn: say });
    expect(lines).toHaveLength(2);
    expect(JSON.stringify(lines)).not.toMatch(/secret/);
  });
});
