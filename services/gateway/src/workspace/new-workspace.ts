import { Refusal } from '@holdfast/activities/failure/refusal';
import { checkUrl, type UrlPolicy } from '@holdfast/activities/agent/url-policy';
import type { NewWorkspace } from '@holdfast/activities/workspace/create-workspace';
import { initialMemories } from '@holdfast/activities/workspace/initial-memories';
import { templateDefaults } from '@holdfast/activities/workspace/template-catalogue';
import { isExternal } from '@holdfast/workflows/workspace/status';
import type { CreateWorkspace } from './create-workspace.dto.ts';

const DEFAULT_TIER = 3;

/** What a create is completed from. */
export interface CreateDefaults {
  readonly configsDir: string | undefined;
  readonly runtime: string;
  readonly urls: UrlPolicy;
}

/**
 * The workspace a valid body asks for: what it leaves out comes from its template, then from the platform.
 * @throws Refusal INVALID_REQUEST or UNSAFE_URL
 */
export async function newWorkspace(body: CreateWorkspace, defaults: CreateDefaults): Promise<NewWorkspace> {
  const template = body.template || null;
  const fromTemplate = template ? await templateDefaults(defaults.configsDir, template) : {};
  const external = body.external === true || isExternal(body.runtime ?? '');
  const deliveryMode = body.delivery_mode || (external && !body.url ? 'poll' : 'push');
  // An agent that polls is never called: its URL means nothing, and what it needs is a token.
  const url = external && deliveryMode === 'push' ? body.url || null : null;
  if (url) await refuseUnsafe(url, defaults.urls);
  const secrets = body.secrets ?? {};
  return {
    name: body.name,
    role: body.role || null,
    tier: body.tier || DEFAULT_TIER,
    runtime: external ? 'external' : body.runtime || fromTemplate.runtime || defaults.runtime,
    template,
    model: body.model || fromTemplate.model || null,
    external,
    url,
    workspaceDir: body.workspace_dir || null,
    workspaceAccess: body.workspace_access || 'none',
    parentId: body.parent_id ?? null,
    budgetLimit: body.budget_limit ?? null,
    maxConcurrentTasks: Math.max(1, body.max_concurrent_tasks ?? 1),
    deliveryMode,
    compute: body.compute ?? null,
    secrets,
    canvas: { x: body.canvas?.x ?? 0, y: body.canvas?.y ?? 0 },
    memories: initialMemories(
      (body.initial_memories ?? []).map(({ content, scope }) => ({
        content: content ?? '',
        scope: scope ?? undefined,
      })),
      secrets,
    ),
  };
}

async function refuseUnsafe(url: string, policy: UrlPolicy): Promise<void> {
  const verdict = await checkUrl(url, 'register', policy);
  if (!verdict.allowed) throw new Refusal('UNSAFE_URL', `unsafe workspace URL: ${verdict.reason}`);
}
