import { describe, expect, test } from 'vitest';
import { ConfigError, GatewayEnvironment, readConfig } from './config.ts';

const needed = {
  DATABASE_URL: 'postgresql://localhost/holdfast',
  SECRETS_ENCRYPTION_KEY: Buffer.alloc(32, 1).toString('base64'),
};

const mistakes = (environment: Record<string, string>): string => {
  try {
    readConfig({ ...needed, ...environment });
    return '';
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
};

test('has a default for everything but the database and the key', () => {
  expect(readConfig(needed)).toMatchObject({
    PORT: 8080,
    HOLDFAST_LISTEN: ['127.0.0.1'],
    RATE_LIMIT: 600,
    MOLECULE_ENV: 'production',
    TRUSTED_PROXIES: [],
  });
});

test('lists every mistake at once and repeats no value', () => {
  const text = mistakes({
    DATABASE_URL: 'mysql://hunter2@x/y',
    SECRETS_ENCRYPTION_KEY: 'hunter2',
    PORT: 'hunter2',
    CORS_ORIGINS: 'hunter2',
    LOG_LEVEL: 'hunter2',
  });
  for (const name of ['DATABASE_URL', 'SECRETS_ENCRYPTION_KEY', 'PORT', 'CORS_ORIGINS', 'LOG_LEVEL'])
    expect(text).toContain(name);
  expect(text).not.toContain('hunter2');
});

test('says what is missing and how to get it', () => {
  expect(() => readConfig({})).toThrow(
    /DATABASE_URL must be set[\s\S]*SECRETS_ENCRYPTION_KEY must be set; make one with "openssl rand -base64 32"/,
  );
});

test('takes an empty variable for none', () => {
  const blank = Object.fromEntries(Object.keys(GatewayEnvironment.shape).map((name) => [name, '']));
  expect(readConfig({ ...blank, ...needed })).toEqual(readConfig(needed));
});

describe('refuses nonsense in', () => {
  test.each([
    ['PORT', '80.5'],
    ['PORT', '-1'],
    ['PORT', '65536'],
    ['DATABASE_CONNECTIONS', '0'],
    ['DATABASE_CONNECTIONS', 'false'],
    ['CORS_ORIGINS', '*'],
    ['CORS_ORIGINS', 'https://a.example,https://b.example/path'],
    ['TRUSTED_PROXIES', '10.0.0.0/8, proxy'],
    ['CP_UPSTREAM_URL', 'ftp://x'],
    ['EXTERNAL_PLATFORM_URL', 'holdfast.example'],
    ['METRICS_LISTEN', '9464'],
    ['LOG_LEVEL', 'true'],
    ['SECRETS_ENCRYPTION_KEY', Buffer.alloc(31).toString('base64')],
  ])('%s=%s', (name, value) => {
    expect(mistakes({ [name]: value })).toContain(name);
  });
});

test.each(['', '0', '-5', 'many', '1.5'])('a rate limit of "%s" means the default', (value) => {
  expect(readConfig({ ...needed, RATE_LIMIT: value }).RATE_LIMIT).toBe(600);
});

test('trims lists and cuts slashes off addresses', () => {
  const config = readConfig({
    ...needed,
    CORS_ORIGINS: 'https://a.example, https://b.example ',
    EXTERNAL_PLATFORM_URL: 'https://x.example/',
  });
  expect(config).toMatchObject({
    CORS_ORIGINS: ['https://a.example', 'https://b.example'],
    EXTERNAL_PLATFORM_URL: 'https://x.example',
  });
});

test('describes every variable', () => {
  const undescribed = Object.entries(GatewayEnvironment.shape).filter(([, schema]) => !schema.description);
  expect(undescribed.map(([name]) => name)).toEqual([]);
});
