import type { BoxFile } from './backend.ts';
import { type DefaultConfigFacts, defaultConfig } from './default-config.ts';
import { findTemplate, readTemplate } from './template-directory.ts';

export interface ConfigSourceFacts extends DefaultConfigFacts {
  /** The template the workspace was created from. */
  readonly template: string | null;
}

const CONFIG_FILE = 'config.yaml';

/** The config.yaml among files; null when there is none. */
export function configYamlOf(files: readonly BoxFile[]): string | null {
  const file = files.find((candidate) => candidate.path === CONFIG_FILE);
  return file ? Buffer.from(file.content).toString('utf8') : null;
}

/** What a new workspace is configured with: its template, else its runtime's default, else what we make ourselves. */
export async function firstConfig(root: string | null, facts: ConfigSourceFacts): Promise<BoxFile[]> {
  for (const name of [facts.template ?? '', `${facts.runtime}-default`]) {
    const directory = await findTemplate(root, name);
    if (directory) return readTemplate(directory);
  }
  return [{ path: CONFIG_FILE, content: Buffer.from(defaultConfig(facts)) }];
}

/**
 * What replaces the configuration of a workspace that has lost it: its runtime's template. Null when there is none, and
 * then it must not start: under its restart policy it would crash for ever.
 */
export async function recoveredConfig(root: string | null, runtime: string): Promise<BoxFile[] | null> {
  for (const name of [`${runtime}-default`, runtime]) {
    const directory = await findTemplate(root, name);
    const files = directory ? await readTemplate(directory) : [];
    if (configYamlOf(files) !== null) return files;
  }
  return null;
}

export const noConfigText = (workspaceId: string): string =>
  `cannot start workspace ${workspaceId}: no config.yaml source and config volume is empty — delete the workspace or provide a template`;
