import { createHash } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { run } from '../../src/process/run.ts';
import { findTemporal } from '../../src/temporal/program.ts';
import type { Release } from '../../src/temporal/release.ts';
import { type Source, fromArchive, onPath } from '../../src/temporal/sources.ts';

const PROGRAM = '#!/bin/sh\necho the real one\n';
let folder: string;
let cache: string;
let site: Server;
let release: Release;

beforeEach(async () => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'holdfast-temporal-'));
  cache = path.join(folder, 'tools/bin/temporal');
  writeFileSync(path.join(folder, 'temporal'), PROGRAM);
  await run('tar', ['-czf', path.join(folder, 'archive'), '-C', folder, 'temporal']);
  const archive = readFileSync(path.join(folder, 'archive'));
  site = createServer((request, response) => response.writeHead(request.url === '/archive' ? 200 : 404).end(archive));
  await new Promise<void>((resolve) => site.listen(0, '127.0.0.1', resolve));
  const { port } = site.address() as AddressInfo;
  const program = createHash('sha256').update(PROGRAM).digest('hex');
  release = { program, wheel: '', archive: `http://127.0.0.1:${port}/archive` };
});
afterEach(() => {
  vi.unstubAllEnvs();
  site.close();
  rmSync(folder, { recursive: true });
});

const never: Source = () => Promise.reject(new Error('not asked for'));
const kept = (): string[] => readdirSync(path.dirname(cache));

describe('the Temporal CLI', () => {
  test('is the cached one, without a look anywhere else', async () => {
    mkdirSync(path.dirname(cache), { recursive: true });
    writeFileSync(cache, 'cached');
    expect(await findTemporal({ cache, release, sources: [never] })).toBe(cache);
  });

  test('is fetched, checked and kept, ready to run', async () => {
    expect(await findTemporal({ cache, release, sources: [fromArchive] })).toBe(cache);
    expect((await run(cache, [])).output).toBe('the real one\n');
    expect(kept()).toEqual(['temporal']);
  });

  test('is refused when its checksum is not the pinned one, and nothing of it is kept', async () => {
    const other = { ...release, program: '0'.repeat(64) };
    await expect(findTemporal({ cache, release: other, sources: [fromArchive] })).rejects.toThrow(/wrong checksum/);
    expect(kept()).toEqual([]);
  });

  test('comes from the next source when one fails', async () => {
    const missing = { ...release, archive: release.archive.replace('/archive', '/gone') };
    const next: Source = (target) => {
      writeFileSync(path.join(target, 'temporal'), PROGRAM);
      return Promise.resolve(path.join(target, 'temporal'));
    };
    expect(await findTemporal({ cache, release: missing, sources: [fromArchive, next] })).toBe(cache);
  });

  test('is whole when two look for it at once', async () => {
    const both = await Promise.all([1, 2].map(() => findTemporal({ cache, release, sources: [fromArchive] })));
    expect(both).toEqual([cache, cache]);
    expect(readFileSync(cache, 'utf8')).toBe(PROGRAM);
    expect(kept()).toEqual(['temporal']);
  });

  test('that can be had nowhere is one sentence with every reason and the fix', async () => {
    const missing = { ...release, archive: release.archive.replace('/archive', '/gone') };
    const all = findTemporal({ cache, release: missing, sources: [fromArchive, never] });
    await expect(all).rejects.toThrow(
      'No Temporal CLI could be had (the official site gave none (HTTP 404); not asked for): put `temporal` on PATH or set TEMPORAL_ADDRESS to a server of your own.',
    );
  });
});

describe('the temporal on PATH', () => {
  const install = (version: string) => {
    writeFileSync(path.join(folder, 'temporal'), `#!/bin/sh\necho "${version}"\n`);
    chmodSync(path.join(folder, 'temporal'), 0o755);
    vi.stubEnv('PATH', `${folder}:${process.env['PATH']}`);
  };

  test.each([
    'temporal version 1.9.1 (Server 1.32.0, UI 2.54.1)',
    'temporal version 0.0.0-DEV (Server 1.29.1, UI 2.40.0)',
  ])('is used where it is when it says "%s"', async (version) => {
    install(version);
    expect(await findTemporal({ cache, release, sources: [onPath] })).toBe(path.join(folder, 'temporal'));
    expect(existsSync(cache)).toBe(false);
  });

  test.each(['temporal version 1.5.0 (Server 1.29.0, UI 2.40.0)', 'temporal version 9.9.9', ''])(
    'is passed over when it says "%s"',
    async (version) => {
      install(version);
      await expect(findTemporal({ cache, release, sources: [onPath] })).rejects.toThrow(/too old/);
    },
  );
});
