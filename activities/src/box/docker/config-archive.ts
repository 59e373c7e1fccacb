import path from 'node:path';
import type Docker from 'dockerode';
import tar from 'tar-stream';
import type { BoxSpec } from '../backend.ts';
import { credentialFiles } from '../credential-files.ts';
import { call, isStatus } from './engine-error.ts';

const LIMIT_MS = 60_000;
const CONFIG_PATH = '/configs';

/** Whether the container's configuration directory has a config.yaml; works on one that never ran, too. */
export async function hasConfigFile(container: Docker.Container): Promise<boolean> {
  return call('look for config.yaml', LIMIT_MS, async (abortSignal) => {
    try {
      await container.infoArchive({ path: `${CONFIG_PATH}/config.yaml`, abortSignal });
      return true;
    } catch (error) {
      if (isStatus(error, 404)) return false;
      throw error;
    }
  });
}

/** Writes configuration and credentials into the container's volume, before it starts: it never runs without them. */
export async function writeConfig(container: Docker.Container, spec: BoxSpec): Promise<void> {
  const pack = tar.pack();
  const { overwrite, files } = spec.config;
  if (files.length > 0 && (overwrite || !(await hasConfigFile(container)))) {
    for (const directory of directoriesOf(files.map((file) => file.path)))
      pack.entry({ name: directory, type: 'directory', mode: 0o755 });
    for (const file of files) pack.entry({ name: file.path, mode: 0o644 }, Buffer.from(file.content));
  }
  for (const [name, content] of Object.entries(spec.credentials ? credentialFiles(spec.credentials) : {})) {
    pack.entry({ name, mode: 0o600 }, content);
  }
  pack.finalize();
  await call('write the configuration', LIMIT_MS, (abortSignal) =>
    container.putArchive(pack as unknown as NodeJS.ReadableStream, { path: CONFIG_PATH, abortSignal }),
  );
}

/** Every directory on the way to the files, parents first. */
function directoriesOf(files: readonly string[]): string[] {
  const found = new Set<string>();
  for (const file of files) {
    for (let directory = path.posix.dirname(file); directory !== '.'; directory = path.posix.dirname(directory))
      found.add(directory);
  }
  return [...found].sort();
}
