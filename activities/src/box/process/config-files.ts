import { access, mkdir } from 'node:fs/promises';
import path from 'node:path';
import { BackendError } from '../backend-error.ts';
import type { BoxSpec } from '../backend.ts';
import { credentialFiles } from '../credential-files.ts';
import { replaceFile } from './state.ts';

export async function hasConfigFile(configs: string): Promise<boolean> {
  try {
    await access(path.join(configs, 'config.yaml'));
    return true;
  } catch {
    return false;
  }
}

/** Writes configuration and credentials before the agent starts: it never runs without them. */
export async function writeConfig(configs: string, spec: BoxSpec): Promise<void> {
  await mkdir(configs, { recursive: true, mode: 0o700 });
  const { files, overwrite } = spec.config;
  if (overwrite || !(await hasConfigFile(configs))) {
    for (const file of files) {
      const target = path.join(configs, file.path);
      if (path.relative(configs, target).startsWith('..'))
        throw new BackendError('refused', `process: ${file.path} leaves its directory`);
      await mkdir(path.dirname(target), { recursive: true, mode: 0o755 });
      await replaceFile(target, file.content, 0o644);
    }
  }
  for (const [name, content] of Object.entries(spec.credentials ? credentialFiles(spec.credentials) : {})) {
    await replaceFile(path.join(configs, name), content, 0o600);
  }
}
