import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readOrganisations } from './organisations.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'holdfast-organisations-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const anEntry = (over: Readonly<Record<string, unknown>> = {}) => ({
  id: 'acme',
  secrets: ['the-shared-secret-of-acme'],
  admin_token: 'the-admin-token-of-acme',
  platform_url: 'https://acme.example/',
  ...over,
});
const read = (content: unknown) => {
  const file = path.join(folder, 'organisations.json');
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
  return readOrganisations(file);
};

describe('the organisations', () => {
  test('are known by each of their secrets, and by nothing else', () => {
    const known = read([anEntry({ secrets: ['the-old-secret-of-acme', 'the-new-secret-of-acme'] })]);
    expect(known.bySecret('the-old-secret-of-acme')?.id).toBe('acme');
    expect(known.bySecret('the-new-secret-of-acme')?.id).toBe('acme');
    for (const wrong of ['', 'the-new-secret-of-acm', 'the-admin-token-of-acme'])
      expect(known.bySecret(wrong)).toBeNull();
  });

  test('have an address without a slash at its end, and a configuration that may be empty', () => {
    expect(read([anEntry()]).byId('acme')).toMatchObject({ platformUrl: 'https://acme.example', config: {} });
  });

  test.each([
    ['no file', () => readOrganisations('/no/such/file'), 'must name a file that can be read'],
    ['no JSON', () => read('{'), 'must name a file that is JSON'],
    ['nobody', () => read([]), 'at /'],
    ['a short secret', () => read([anEntry({ secrets: ['short'] })]), 'at /0/secrets/0: must have at least 16'],
    ['no secret', () => read([anEntry({ secrets: [] })]), 'at /0/secrets'],
    ['an address that is none', () => read([anEntry({ platform_url: 'x' })]), 'at /0/platform_url'],
    ['a member nobody knows', () => read([anEntry({ secret: 'x' })]), 'at /0'],
    ['a value that is too long', () => read([anEntry({ config: { A: 'x'.repeat(4_097) } })]), 'at /0/config/A'],
    [
      'the same twice',
      () => read([anEntry(), anEntry({ secrets: ['s'.repeat(16)], admin_token: 'a'.repeat(16) })]),
      'once',
    ],
    [
      'a shared secret',
      () => read([anEntry(), anEntry({ id: 'b', admin_token: 'a'.repeat(16) })]),
      'credentials of its own',
    ],
    [
      'one secret for both ends',
      () => read([anEntry({ admin_token: 'the-shared-secret-of-acme' })]),
      'credentials of its own',
    ],
  ])('that are %s are refused with the place of the mistake', (_, reading, says) => {
    expect(reading).toThrow(expect.objectContaining({ message: expect.stringContaining(says) as string }));
    expect(reading).not.toThrow('-secret-of-');
  });
});
