import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { checkSettings } from './settings-check.ts';

const troubles = (url: string, file?: string): string[] =>
  checkSettings({
    url: { value: url, from: 'a test' },
    token: { value: 'x', from: 'a test', ...(file === undefined ? {} : { file }) },
    orgId: null,
  })
    .filter(({ state }) => state !== 'ok')
    .map(({ name }) => name);

test.each(['http://gateway.example.com', 'http://10.0.0.7:8080', 'http://127.0.0.1.example.com'])(
  'warns of a credential in the clear to %s',
  (url) => {
    expect(troubles(url)).toEqual(['address']);
  },
);

test.each(['https://gateway.example.com', 'http://127.0.0.1:8080', 'http://localhost', 'http://[::1]:8080'])(
  'is content with %s',
  (url) => {
    expect(troubles(url)).toEqual([]);
  },
);

test('warns of a credential that others on the machine can read', () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'holdfast-cli-'));
  const file = path.join(folder, 'token');
  writeFileSync(file, 'x', { mode: 0o600 });
  expect(troubles('https://x', file)).toEqual([]);
  chmodSync(file, 0o644);
  expect(troubles('https://x', file)).toEqual(['token file']);
  rmSync(folder, { recursive: true });
});
