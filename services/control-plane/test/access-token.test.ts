import { readFileSync, writeFileSync } from 'node:fs';
import { type Cloud, startGcpCloud } from '@holdfast/infra/testing/clouds/index';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { accessTokens } from '../src/provider/gcp/access-token.ts';

const LIMIT_MS = 5_000;
let cloud: Cloud;
let keyFile: string;
beforeAll(async () => {
  cloud = await startGcpCloud();
  keyFile = cloud.environment['GCP_CREDENTIALS_FILE'] ?? '';
});
afterAll(() => cloud.stop());

const withKey = (change: Readonly<Record<string, string>>): string => {
  const file = `${keyFile}.other`;
  writeFileSync(file, JSON.stringify({ ...(JSON.parse(readFileSync(keyFile, 'utf8')) as object), ...change }));
  return file;
};

describe('an access token', () => {
  test('is fetched once for all who need it, and kept', async () => {
    const before = cloud.requests.length;
    const token = accessTokens(keyFile, LIMIT_MS);
    const tokens = await Promise.all([token(), token(), token()]);
    expect(new Set([...tokens, await token()]).size).toBe(1);
    expect(cloud.requests.length - before).toBe(1);
  });

  test('is not given to an account that is another', async () => {
    const token = accessTokens(withKey({ client_email: 'somebody@else' }), LIMIT_MS);
    await expect(token()).rejects.toMatchObject({ code: 'PROVIDER_DENIED' });
  });

  test.each([
    ['is not there', () => '/no/such/key.json', 'PROVIDER_DENIED'],
    ['is none', () => withKey({ token_uri: 'nowhere' }), 'PROVIDER_DENIED'],
    [
      'is for a service that does not answer',
      () => withKey({ token_uri: 'http://127.0.0.1:1/' }),
      'PROVIDER_UNAVAILABLE',
    ],
  ])('cannot be had by a key file that %s', async (_, file, code) => {
    await expect(accessTokens(file(), LIMIT_MS)()).rejects.toMatchObject({ code });
  });

  test('that could not be had is asked for again', async () => {
    const token = accessTokens(keyFile, LIMIT_MS);
    cloud.faults.plan('other', 'unavailable');
    await expect(token()).rejects.toMatchObject({ code: 'PROVIDER_UNAVAILABLE' });
    expect(await token()).toBe('a-gcp-access-token-of-nobody');
  });
});
