import { globSync, readFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import path from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { root } from '../../src/root.ts';

test('every source outside the gateway runs as it is: nothing but types is to be taken out', () => {
  const files = globSync(
    ['{workflows,activities,prisma,infra}/**/*.ts', 'services/{worker,cli,agent,control-plane}/**/*.ts'],
    {
      cwd: root,
      exclude: (name) => /(^|\/)(node_modules|dist|generated)$/.test(name),
    },
  );
  expect(files.length).toBeGreaterThan(100);
  const broken = files.filter((file) => {
    try {
      stripTypeScriptTypes(readFileSync(path.join(root, file), 'utf8'));
      return false;
    } catch {
      return true;
    }
  });
  expect(broken).toEqual([]);
});

test('the lockfile has every native package for Linux and macOS, on Intel and on ARM', () => {
  const lock = parse(readFileSync(path.join(root, 'pnpm-lock.yaml'), 'utf8')) as { packages: Record<string, unknown> };
  const names = Object.keys(lock.packages);
  const native = names.filter((name) => /linux-x64/.test(name) && !/musl/.test(name));
  expect(native.length).toBeGreaterThan(5);
  const missing = native.flatMap((name) =>
    ['linux-arm64', 'darwin-arm64', 'darwin-x64']
      .map((platform) => {
        const other = name.replace('linux-x64', platform);
        return platform.startsWith('darwin') ? other.replace('-gnu', '') : other;
      })
      .filter((other) => !names.includes(other)),
  );
  expect(missing).toEqual([]);
});

test('every package takes its versions from the one catalogue', () => {
  const manifests = globSync(['package.json', '*/package.json', 'services/*/package.json'], { cwd: root });
  const own = manifests.flatMap((file) => {
    const manifest = JSON.parse(readFileSync(path.join(root, file), 'utf8')) as Record<string, Record<string, string>>;
    const kinds = ['dependencies', 'devDependencies', 'optionalDependencies'];
    return kinds.flatMap((kind) =>
      Object.entries(manifest[kind] ?? {})
        .filter(([, version]) => version !== 'catalog:' && version !== 'workspace:*')
        .map(([name, version]) => `${file}: ${name} ${version}`),
    );
  });
  expect(own).toEqual([]);
});
