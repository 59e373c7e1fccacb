import { readFile, readdir } from 'node:fs/promises';
import path from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { Refusal } from '../failure/refusal.ts';

/** What the platform itself reads of a template's `config.yaml`; a field of another type counts as missing. */
const Template = z.object({
  runtime: z.string().optional().catch(undefined),
  model: z.string().optional().catch(undefined),
  runtime_config: z
    .object({
      model: z.string().optional().catch(undefined),
      provision_timeout_seconds: z.number().positive().optional().catch(undefined),
    })
    .optional()
    .catch(undefined),
});
type Template = z.output<typeof Template>;

/** What a template says about workspaces made from it. */
export interface TemplateDefaults {
  readonly runtime?: string | undefined;
  readonly model?: string | undefined;
}

/**
 * The defaults of a template, for what a request leaves out. A template that is not there has none: the workspace is
 * then configured from its runtime's default.
 * @throws Refusal INVALID_REQUEST when the name leads out of the template root
 */
export async function templateDefaults(root: string | undefined, name: string): Promise<TemplateDefaults> {
  const inside = path.resolve('/templates', name);
  if (
    path.isAbsolute(name) ||
    name.includes('\\') ||
    !inside.startsWith('/templates/') ||
    name.split('/').includes('..')
  ) {
    throw new Refusal('INVALID_REQUEST', 'invalid template');
  }
  const template = root === undefined ? null : await readTemplate(path.join(root, name));
  return { runtime: template?.runtime, model: template?.model ?? template?.runtime_config?.model };
}

/**
 * How long a runtime's templates say its provisioning takes, in milliseconds: the longest wins. Runtimes whose
 * templates say nothing are not in it. A folder that cannot be read has no templates.
 */
export async function provisionTimeouts(root: string | undefined): Promise<ReadonlyMap<string, number>> {
  const timeouts = new Map<string, number>();
  if (root === undefined) return timeouts;
  const folders = await readdir(root, { withFileTypes: true }).catch(() => []);
  for (const folder of folders) {
    if (!folder.isDirectory()) continue;
    const template = await readTemplate(path.join(root, folder.name));
    const seconds = template?.runtime_config?.provision_timeout_seconds;
    if (template?.runtime && seconds)
      timeouts.set(template.runtime, Math.max(timeouts.get(template.runtime) ?? 0, Math.round(seconds * 1000)));
  }
  return timeouts;
}

async function readTemplate(folder: string): Promise<Template | null> {
  try {
    const read = Template.safeParse(parse(await readFile(path.join(folder, 'config.yaml'), 'utf8')));
    return read.success ? read.data : null;
  } catch {
    // Neither a missing nor a malformed file may keep a workspace from being made.
    return null;
  }
}
