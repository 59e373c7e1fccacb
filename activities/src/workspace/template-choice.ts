import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { parse } from 'yaml';
import { findTemplate } from '../box/template-directory.ts';

/** Where templates are; either may be missing. */
export interface TemplateRoots {
  readonly templates: string | null;
  readonly orgTemplates: string | null;
}

/** What a restart by hand asks for. Without any of it the configuration is left alone, whatever its name matches. */
export interface TemplateWish {
  readonly template?: string | undefined;
  readonly applyTemplate?: boolean | undefined;
  readonly rebuildConfig?: boolean | undefined;
}

export interface TemplateChoice {
  /** What the answer calls it: a template, `org-templates/<directory>`, or `existing-volume`. */
  readonly label: string;
  /** The same, as the operation keeps it; null leaves the configuration alone. */
  readonly template: string | null;
}

const ORG_PREFIX = 'org-templates/';

/** The directory that a choice stands for; null when it is not, or no longer, there. */
export const findChosenTemplate = (roots: TemplateRoots, template: string): Promise<string | null> =>
  template.startsWith(ORG_PREFIX)
    ? findTemplate(roots.orgTemplates, template.slice(ORG_PREFIX.length))
    : findTemplate(roots.templates, template);

/**
 * Which template a restart by hand applies, by priority: the one it names, the one of the workspace's name, the
 * organisation's, the runtime's default. What is asked for and not there is passed over.
 */
export async function chooseTemplate(
  roots: TemplateRoots,
  workspace: { readonly name: string; readonly runtime: string },
  wish: TemplateWish,
): Promise<TemplateChoice> {
  const candidates = [
    wish.template || null,
    wish.applyTemplate ? await templateOfName(roots.templates, workspace.name) : null,
    wish.rebuildConfig ? await orgTemplateOf(roots, workspace.name) : null,
    wish.applyTemplate ? `${directoryName(workspace.runtime)}-default` : null,
  ];
  for (const template of candidates) {
    if (template !== null && (await findChosenTemplate(roots, template))) return { label: template, template };
  }
  return { label: 'existing-volume', template: null };
}

const directoryName = (text: string): string => text.toLowerCase().replaceAll(' ', '-');

async function orgTemplateOf(roots: TemplateRoots, name: string): Promise<string | null> {
  const directory = await templateOfName(roots.orgTemplates, name);
  return directory === null ? null : `${ORG_PREFIX}${directory}`;
}

/** The directory that is called like the workspace, else the one whose config.yaml names it. */
async function templateOfName(root: string | null, name: string): Promise<string | null> {
  if (root === null) return null;
  const direct = directoryName(name);
  if (!/[/\\]/.test(direct) && (await findTemplate(root, direct))) return direct;
  const entries = await readdir(root, { withFileTypes: true }).catch(() => []);
  const directories = entries.filter((entry) => entry.isDirectory() && !entry.name.startsWith('ws-'));
  for (const { name: directory } of directories.sort((a, b) => a.name.localeCompare(b.name))) {
    const named = await nameIn(path.join(root, directory, 'config.yaml'));
    if (named?.toLowerCase() === name.toLowerCase()) return directory;
  }
  return null;
}

/** The name in a configuration; a file that is missing or malformed has none. */
async function nameIn(file: string): Promise<string | null> {
  try {
    const config: unknown = parse(await readFile(file, 'utf8'));
    const name = (config as { name?: unknown } | null)?.name;
    return typeof name === 'string' ? name : null;
  } catch {
    return null;
  }
}
