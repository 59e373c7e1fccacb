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

try {
  const hash = sourcesHash();
  await bundleWorkflows(cachedBundle());
  await Promise.all(services.map(build));
  writeFileSync(stampFile, hash);
} catch (error) {
  console.error((error as Error).message);
  process.exit(1);
}

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
  const bundle = await rolldown({
    input: path.join(folder, 'src/main.ts'),
    platform: 'node',
    tsconfig: path.join(root, 'tsconfig.json'),
    external: isOutside,
    logLevel: 'silent',
  });
  // Built beside and then put in its place: a half-built service is never started.
  const made = mkdtempSync(path.join(folder, '.dist-'));
  try {
    await bundle.write({ dir: made, format: 'esm', sourcemap: true, entryFileNames: 'main.js' });
    if (missing.size > 0) {
      throw new Error(
        `services/${service}/package.json lacks packages that its code imports: ${[...missing].join(', ')}`,
      );
    }
    if (service === 'worker') copyFileSync(cachedBundle(), path.join(made, 'workflow-bundle.js'));
    chmodSync(made, 0o755);
    replace(path.join(folder, 'dist'), made);
  } finally {
    rmSync(made, { recursive: true, force: true });
  }
}

/** Puts a folder in the place of another, even when somebody else is doing the same. */
function replace(target: string, made: string): void {
  for (;;) {
    rmSync(target, { recursive: true, force: true });
    try {
      renameSync(made, target);
      return;
    } catch (error) {
      if (!existsSync(target)) throw error;
    }
  }
}

function packageOf(id: string): string {
  const parts = id.split('/');
  return parts.slice(0, id.startsWith('@') ? 2 : 1).join('/');
}

/** Whether the built file will find the package: a dependency of one of our packages must be the service's own too. */
function canResolve(require: NodeJS.Require, name: string): boolean {
  return (require.resolve.paths(name) ?? []).some((folder) => existsSync(path.join(folder, name)));
}
