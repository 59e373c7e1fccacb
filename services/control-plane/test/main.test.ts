import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { testDatabase, type TestDatabase, waitFor } from '@holdfast/infra/testing/index';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ENCRYPTION_KEY } from './support/control-plane.ts';
import { startProgram, urlIn } from './support/program.ts';

let db: TestDatabase;
let folder: string;
let whole: Record<string, string>;
beforeAll(async () => {
  db = await testDatabase();
  folder = mkdtempSync(path.join(os.tmpdir(), 'holdfast-control-plane-'));
  const file = path.join(folder, 'organisations.json');
  const secrets = { secrets: ['a-shared-secret-of-it'], admin_token: 'an-admin-token-of-it' };
  writeFileSync(file, JSON.stringify([{ id: 'an-org', platform_url: 'http://127.0.0.1:1', ...secrets }]));
  whole = {
    DATABASE_URL: db.url,
    SECRETS_ENCRYPTION_KEY: ENCRYPTION_KEY,
    HOLDFAST_OWNER: 'this-control-plane',
    CONTROL_PLANE_URL: 'http://127.0.0.1:1',
    CONTROL_PLANE_ORGANISATIONS: file,
    CONTROL_PLANE_PROVIDERS: 'hetzner',
    HETZNER_TOKEN: 'a-token',
    PORT: '0',
  };
});
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await db.dispose();
});

const endOf = async (over: Readonly<Record<string, string>>) => {
  const program = startProgram({ ...whole, ...over });
  return { code: await program.ended, said: program.said() };
};

test('a control plane with all it needs starts, says that it is well, and stops cleanly', async () => {
  const program = startProgram(whole);
  const url = await waitFor(() => urlIn(program.said()), { timeoutMs: 60_000 });
  expect(await (await fetch(`${url}/health`)).json()).toMatchObject({ status: 'ok' });
  program.child.kill('SIGTERM');
  expect(await program.ended).toBe(0);
});

test('one that was told nothing says all that it needs, a line each, and ends', async () => {
  const program = startProgram({});
  expect(await program.ended).toBe(1);
  for (const name of Object.keys(whole).filter((one) => one !== 'PORT' && one !== 'HETZNER_TOKEN')) {
    expect(program.said()).toMatch(new RegExp(`^  ${name} must be`, 'm'));
  }
});

test.each([
  ['HETZNER_TOKEN', { HETZNER_TOKEN: '' }],
  [
    'AWS_SECRET_ACCESS_KEY',
    { CONTROL_PLANE_PROVIDERS: 'aws', AWS_REGION: 'x', AWS_ACCESS_KEY_ID: 'x', AWS_IMAGE_ID: 'x' },
  ],
  ['GCP_CREDENTIALS_FILE', { CONTROL_PLANE_PROVIDERS: 'gcp', GCP_PROJECT: 'x', GCP_ZONE: 'x', GCP_IMAGE: 'x' }],
])('one without its %s says so in one sentence and ends', async (name, over) => {
  const { code, said } = await endOf(over);
  expect(code).toBe(1);
  expect(said.trim().split('\n')).toEqual([
    'The control plane cannot start:',
    expect.stringMatching(new RegExp(`^  ${name} must be set to serve \\w+: .+`)),
  ]);
});

const gcp = { CONTROL_PLANE_PROVIDERS: 'gcp', GCP_PROJECT: 'x', GCP_ZONE: 'x', GCP_IMAGE: 'x' };
const account = { type: 'service_account', client_email: 'it@a-project', token_uri: 'https://oauth2.example/token' };
const privateKey = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({
  type: 'pkcs8',
  format: 'pem',
});
test.each<[string, string | object | null, string]>([
  ['is not there', null, 'must name a file that can be read'],
  ['is a folder', '', 'must name a file that can be read'],
  ['is no JSON', 'a-secret-of-google', 'must name a file that is JSON'],
  ['is for something else', { type: 'authorized_user' }, 'must name the JSON key file of a service account'],
  [
    'holds no key',
    { ...account, private_key: '-----BEGIN a-secret-of-google' },
    'holds a private_key that cannot be used; download the key again',
  ],
  [
    'holds another kind of key',
    { ...account, private_key: privateKey },
    'holds a private_key that cannot be used; download the key again',
  ],
])('one whose key file of gcp %s says so in one sentence, and ends', async (_, content, mistake) => {
  const file = content === '' ? folder : path.join(folder, 'key.json');
  rmSync(path.join(folder, 'key.json'), { force: true });
  if (content !== null && content !== '') {
    writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
  }
  const { code, said } = await endOf({ ...gcp, GCP_CREDENTIALS_FILE: file });
  expect(code).toBe(1);
  expect(said.trim().split('\n')).toEqual([
    'The control plane cannot start:',
    expect.stringContaining(`  GCP_CREDENTIALS_FILE ${mistake}`),
  ]);
  expect(said).not.toContain('a-secret-of-google');
  expect(said).not.toContain(file);
});

test('one whose organisations cannot be read names the file’s mistake, and no credential', async () => {
  const file = path.join(folder, 'wrong.json');
  writeFileSync(file, JSON.stringify([{ id: 'a', secrets: ['short-secret'], admin_token: 'x', platform_url: 'y' }]));
  const { code, said } = await endOf({ CONTROL_PLANE_ORGANISATIONS: file });
  expect(code).toBe(1);
  expect(said).toContain(
    'CONTROL_PLANE_ORGANISATIONS has a mistake in its file at /0/secrets/0: must have at least 16',
  );
  expect(said).not.toContain('short-secret');
});

test('one whose database or port cannot be had says which, without a stack', async () => {
  const away = await endOf({ DATABASE_URL: 'postgresql://127.0.0.1:1/nowhere' });
  expect(away.said.trim()).toBe('The control plane cannot start: the database does not answer; check DATABASE_URL.');
  const taken = createServer();
  await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
  const port = await endOf({ PORT: String((taken.address() as AddressInfo).port) });
  expect(port.said.trim()).toBe('The control plane cannot start: the port is taken; set PORT to a free one.');
  taken.close();
});
