import { refuse } from '@holdfast/workflows/failure/codes';
import { awaitSecretChanges } from '../secret/global-change.ts';
import { loadEnvironmentSecrets } from '../secret/secret-values.ts';
import type { BoxBackend, BoxConfig, BoxFile } from './backend.ts';
import type { BoxContext } from './box-context.ts';
import { type BoxRow, readBoxRow } from './box-row.ts';
import { configYamlOf, firstConfig, noConfigText, recoveredConfig } from './config-source.ts';
import { workspaceEnvironment } from './environment.ts';
import { missingText, missingVariables } from './preflight.ts';
import type { Runtime } from './runtimes.ts';
import { readTemplate } from './template-directory.ts';
import { findChosenTemplate } from '../workspace/template-choice.ts';

/** What a box is to be, gathered from the rows and the templates. */
export interface BoxPlan {
  readonly row: BoxRow;
  readonly runtime: Runtime;
  readonly env: ReadonlyMap<string, string>;
  readonly config: BoxConfig;
}

/** Gathers what a box needs; touches no box and writes nothing. */
export async function planBox(
  context: BoxContext,
  order: { workspaceId: string; operationId: string },
): Promise<BoxPlan> {
  const { db, cipher, settings } = context;
  const row = await readBoxRow(db, order.workspaceId, order.operationId);
  const runtime = settings.runtimes.find(row.runtime);
  await awaitSecretChanges(db);
  const secrets = await loadEnvironmentSecrets(db, cipher, row.id);
  const firstProvision = row.kind === 'provision' && !row.hasRun;
  const env = await workspaceEnvironment(secrets, { ...row, workspaceId: row.id, firstProvision }, settings.mutators);
  const chosen = await chosenFiles(context, row);
  const files = chosen ?? (await configFiles(context, row, runtime)) ?? [];
  return { row, runtime, env, config: { files, overwrite: firstProvision || chosen !== null } };
}

/** The files of the template that a restart was asked to apply; null when it was asked for none, or it is gone since. */
async function chosenFiles({ settings, log }: BoxContext, row: BoxRow): Promise<BoxFile[] | null> {
  if (row.chosenTemplate === null) return null;
  const roots = { templates: settings.templateRoot, orgTemplates: settings.orgTemplateRoot };
  const directory = await findChosenTemplate(roots, row.chosenTemplate);
  if (directory) return readTemplate(directory);
  log.warn({ workspaceId: row.id, template: row.chosenTemplate }, 'the template is gone; the configuration stays');
  return null;
}

/** The files of a box that is new, or, for one that has run, those that would replace a lost configuration. */
async function configFiles(context: BoxContext, row: BoxRow, runtime: Runtime): Promise<BoxFile[] | null> {
  const root = context.settings.templateRoot;
  // The disk of a cloud box may have gone with it: what the workspace was made with, or what a restart has put in its
  // place since, is sent along with every next one.
  const keeps = row.backend !== 'control-plane';
  if (keeps && row.hasRun) return recoveredConfig(root, runtime.name);
  const applied = await chosenFiles(context, { ...row, chosenTemplate: row.appliedTemplate });
  const files = applied ?? (await firstConfig(root, { ...row, runtime: runtime.name }));
  return configYamlOf(files) === null ? recoveredConfig(root, runtime.name) : files;
}

/**
 * Checks that the box would have a configuration, and every variable that it requires.
 * @throws NO_CONFIG_SOURCE or REQUIRED_ENV_MISSING, for good
 */
export async function checkPlan(
  context: BoxContext,
  { row, runtime, env, config }: BoxPlan,
  backend: BoxBackend,
): Promise<void> {
  // What is there already stays, and the platform knows nothing of what it requires.
  if (!config.overwrite && (await hasConfig(context, row.id, runtime, backend))) return;
  const yaml = configYamlOf(config.files);
  if (yaml === null) refuse('NO_CONFIG_SOURCE', noConfigText(row.id));
  const missing = missingVariables(yaml, env);
  if (missing === null)
    context.log.warn({ workspaceId: row.id }, 'config.yaml cannot be read; required variables are not checked');
  else if (missing.length > 0) refuse('REQUIRED_ENV_MISSING', missingText(missing), { missing });
}

/** Not being able to look counts as there: a hiccup of the engine must not fail a healthy workspace. */
async function hasConfig(
  { log }: BoxContext,
  workspaceId: string,
  runtime: Runtime,
  backend: BoxBackend,
): Promise<boolean> {
  try {
    return await backend.hasConfig(workspaceId, runtime.image);
  } catch (error) {
    log.warn({ err: error, workspaceId }, 'cannot look for the configuration; going on');
    return true;
  }
}
