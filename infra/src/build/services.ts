import { createHash } from 'node:crypto';
import { existsSync, globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { StartFailure } from '../failure.ts';
import { run } from '../process/run.ts';
import { root } from '../root.ts';

/** The programs that are built, each into one `dist` folder with a `main.js`. */
export const services = ['gateway', 'worker', 'control-plane', 'cli', 'agent'] as const;

const sources = ['workflows/src', 'activities/src', 'prisma/src', 'services/*/src', 'infra/src/build'];
/** Says from which sources the services were built. */
export const stampFile = path.join(root, 'services/worker/dist/built-from');

/** What the built services depend on. */
export function sourcesHash(): string {
  const hash = createHash('sha256');
  const patterns = [
    ...sources.map((folder) => `${folder}/**/*`),
    'pnpm-lock.yaml',
    'tsconfig.json',
    'services/*/package.json',
  ];
  for (const name of globSync(patterns, { cwd: root }).sort()) {
    if (/\.(ts|json|ya?ml|mjs)$/.test(name) && !name.endsWith('.test.ts')) {
      hash.update(name).update(readFileSync(path.join(root, name)));
    }
  }
  return hash.digest('hex');
}

/** True when every service is built from the sources as they are. */
export function isBuilt(): boolean {
  return existsSync(stampFile) && readFileSync(stampFile, 'utf8') === sourcesHash();
}

/**
 * Builds every service and the workflow bundle, in a process of its own whose memory goes with it.
 * @throws StartFailure with what the builder said
 */
export async function buildServices(): Promise<void> {
  const { code, output } = await run(process.execPath, [path.join(root, 'infra/src/build/build-services.ts')]);
  if (code !== 0) throw new StartFailure(`The services cannot be built from this checkout:\n${output.trim()}`);
}
