import { chmodSync, copyFileSync, existsSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { rolldown } from 'rolldown';
import { root } from '../root.ts';
import { services, sourcesHash, stampFile } from './services.ts';
import { bundleWorkflows, cachedBundle } from './workflow-bundle.ts';

// build-services.ts   builds every service into services/*/dist and writes down from which sources

/** Those that run with nothing but Node carry their dependencies inside. */
const selfContained: readonly string[] = ['cli', 'agent'];

const hash = sourcesHash();
const bundle = cachedBundle();
await Promise.all([
  bundleWorkflows(bundle),
  ...services.filter((name) => existsSync(path.join(root, 'services', name, 'src/main.ts'))).map(build),
]);
copyFileSync(bundle, path.join(root, 'services/worker/dist/workflow-bundle.js'));
writeFileSync(stampFile, hash);

async function build(service: string): Promise<void> {
  const folder = path.join(root, 'services', service);
  const require = createRequire(path.join(folder, 'src/main.ts'));
  const missing = new Set<string>();
  const isOutside = (id: string): boolean => {
    if (id.startsWith('node:')) return true;
    if (selfContained.includes(service) || /^[./]/.test(id) || id.startsWith('@holdfast/')) return false;
    if (!canResolve(require, packageOf(id))) missing.add(packageOf(id));
    return true;
  };
  const build = await rolldown({
    input: path.join(folder, 'src/main.ts'),
    platform: 'node',
    tsconfig: path.join(root, 'tsconfig.json'),
    external: isOutside,
    logLevel: 'silent',
  });
  // Built beside and then put in its place: a half-built service is never started.
  const made = mkdtempSync(path.join(folder, '.dist-'));
  await build.write({ dir: made, format: 'esm', sourcemap: true, entryFileNames: 'main.js' });
  if (missing.size > 0) {
    rmSync(made, { recursive: true });
    throw new Error(
      `services/${service}/package.json lacks dependencies that its code imports: ${[...missing].join(', ')}`,
    );
  }
  const dist = path.join(folder, 'dist');
  chmodSync(made, 0o755);
  rmSync(dist, { recursive: true, force: true });
  renameSync(made, dist);
}

const packageOf = (id: string): string =>
  id
    .split('/')
    .slice(0, id.startsWith('@') ? 2 : 1)
    .join('/');

/** Whether the built file will find the package: a dependency of one of our packages must be the service's own too. */
const canResolve = (require: NodeJS.Require, name: string): boolean =>
  (require.resolve.paths(name) ?? []).some((folder) => existsSync(path.join(folder, name)));
