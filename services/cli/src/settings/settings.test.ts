import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readConfig } from '../config.ts';
import { resolveSettings, type SettingFlags } from './settings.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'holdfast-cli-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const file = (name: string, text: string): string => {
  const full = path.join(folder, name);
  mkdirSync(path.dirname(full), { recursive: true });
  writeFileSync(full, text);
  return full;
};
const resolved = (flags: SettingFlags = {}, variables: Record<string, string> = {}, places: string[] = []) =>
  resolveSettings(flags, readConfig({ XDG_CONFIG_HOME: folder, ...variables }), places);
const values = (...given: Parameters<typeof resolved>) => {
  const { url, token, orgId } = resolved(...given);
  return [url.value, token?.value ?? null, orgId?.value ?? null];
};
const launched = (): string => {
  file('checkout/.data/ports.json', '{"api": 8123, "postgres": 5432}');
  file('checkout/.data/secrets/admin-token', 'launcher-token\n');
  mkdirSync(path.join(folder, 'checkout/services/cli'), { recursive: true });
  return path.join(folder, 'checkout/services/cli');
};

test('asks the usual address without a credential where nobody says anything', () => {
  expect(values()).toEqual(['http://127.0.0.1:8080', null, null]);
});

test('lets flags win over variables, variables over the file, and the file over the launcher', () => {
  const place = launched();
  const flagToken = file('flag-token', 'flag-token\nsecond line\n');
  const variables = {
    HOLDFAST_URL: 'http://variable',
    HOLDFAST_TOKEN: 'variable-token',
    HOLDFAST_ORG_ID: 'variable-org',
  };
  expect(values({}, {}, [place])).toEqual(['http://127.0.0.1:8123', 'launcher-token', null]);
  file('holdfast/config.yaml', 'url: http://file/\ntoken: file-token\norg_id: file-org\n');
  expect(values({}, {}, [place])).toEqual(['http://file', 'file-token', 'file-org']);
  expect(values({}, variables, [place])).toEqual(['http://variable', 'variable-token', 'variable-org']);
  const flags = { gateway: 'http://flag/', tokenFile: flagToken, orgId: 'flag-org' };
  expect(values(flags, variables, [place])).toEqual(['http://flag', 'flag-token', 'flag-org']);
});

test('sends a credential to no address but the one it was written down with', () => {
  const place = launched();
  expect(values({ gateway: 'http://elsewhere' }, {}, [place])).toEqual(['http://elsewhere', null, null]);
  file('holdfast/config.yaml', 'url: http://file\ntoken: file-token\n');
  expect(values({ gateway: 'http://elsewhere' }, {}, [place])[1]).toBeNull();
  expect(values({ gateway: 'http://file' }, {}, [place])[1]).toBe('file-token');
});

test('takes a credential without an address to wherever it is asked', () => {
  file('holdfast/config.yaml', 'token: any-token\n');
  expect(values({ gateway: 'http://elsewhere' })[1]).toBe('any-token');
});

test('treats an empty variable as none', () => {
  expect(values({}, { HOLDFAST_URL: '', HOLDFAST_TOKEN: '', HOLDFAST_ORG_ID: '' })).toEqual([
    'http://127.0.0.1:8080',
    null,
    null,
  ]);
});

test('reads the credential from the file a variable names, unless there is one itself', () => {
  const tokenFile = file('token', '  spaced-token  \n');
  expect(values({}, { HOLDFAST_TOKEN_FILE: tokenFile })[1]).toBe('spaced-token');
  expect(values({}, { HOLDFAST_TOKEN_FILE: tokenFile, HOLDFAST_TOKEN: 'itself' })[1]).toBe('itself');
});

test('finds the installation of a launcher that keeps it elsewhere', () => {
  launched();
  expect(values({}, { HOLDFAST_DATA_DIR: 'checkout/.data' }, ['/', folder])).toEqual([
    'http://127.0.0.1:8123',
    'launcher-token',
    null,
  ]);
});

test('passes over what a launcher has half written', () => {
  const place = launched();
  file('checkout/.data/ports.json', '{"api": 81');
  expect(values({}, {}, [place])[0]).toBe('http://127.0.0.1:8080');
});

test.each([
  ['url: ftp://x', /url: must be an http or https URL/],
  ['url: http://x/?a=b', /url: must have no query/],
  ['tokn: x', /Unrecognized key: "tokn"/],
  ['- a', /is not valid/],
  ['token: "secret-in-the-file', /is no YAML/],
])('refuses the configuration file %j, and quotes nothing of it', (text, message) => {
  file('holdfast/config.yaml', text);
  expect(() => resolved()).toThrow(message);
  expect(() => resolved()).not.toThrow(/secret-in-the-file/);
});

test('refuses a named file that is not there, and does not miss the usual one', () => {
  expect(() => resolved({ config: path.join(folder, 'none.yaml') })).toThrow(/cannot be read \(ENOENT\)/);
  expect(() => resolved({}, { HOLDFAST_CONFIG: path.join(folder, 'none.yaml') })).toThrow(/cannot be read/);
  expect(() => resolved({ tokenFile: path.join(folder, 'none') })).toThrow(/cannot be read/);
});

test('refuses credentials that are empty or none at all, without showing them', () => {
  expect(() => resolved({ tokenFile: file('empty', '\n') })).toThrow(/is empty/);
  expect(() => resolved({}, { HOLDFAST_TOKEN: 'with space' })).toThrow(/has characters that no token has/);
});

test('lists every wrong variable at once', () => {
  expect(() => readConfig({ HOLDFAST_URL: 'nonsense', HOLDFAST_TOKEN: 'x' })).toThrow(
    'HOLDFAST_URL must be an http or https URL',
  );
});
