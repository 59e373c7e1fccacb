import { Inject, Injectable } from '@nestjs/common';
import { Refusal } from '@holdfast/activities/failure/refusal';
import type { Cipher } from '@holdfast/activities/secret/cipher';
import { type Created, createWorkspace } from '@holdfast/activities/workspace/create-workspace';
import { patchWorkspace, type WorkspacePatch } from '@holdfast/activities/workspace/patch-workspace';
import type { FastifyRequest } from 'fastify';
import { urlPolicyOf } from '../agent/url-policy.ts';
import { actorOf, isOperator } from '../auth/caller.ts';
import type { GatewayConfig } from '../config.ts';
import { CIPHER, CONFIG } from '../core/parts.ts';
import type { Change, DryRun, DryRunQuery } from '../dry-run/dry-run.dto.ts';
import { Requests } from '../dry-run/requests.ts';
import { Answer } from '../http/answer.ts';
import { connectionBlock } from './connection.ts';
import type { CreatedWorkspace, CreateWorkspace } from './create-workspace.dto.ts';
import { type CreateDefaults, newWorkspace } from './new-workspace.ts';
import type { PatchedWorkspace, PatchWorkspace } from './workspace.dto.ts';

const DEFAULT_ORG = 'default';
/** What decides over the host and over who talks to whom: not for an agent to change of itself. */
const operatorKeys = ['tier', 'runtime', 'parent_id', 'workspace_dir'] as const;

/** Changes of workspaces. */
@Injectable()
export class WorkspaceService {
  private readonly defaults: CreateDefaults;

  constructor(
    @Inject(CONFIG) private readonly config: GatewayConfig,
    @Inject(CIPHER) private readonly cipher: Cipher,
    private readonly requests: Requests,
  ) {
    this.defaults = { configsDir: config.CONFIGS_DIR, runtime: config.DEFAULT_RUNTIME, urls: urlPolicyOf(config) };
  }

  async create(
    body: CreateWorkspace,
    query: DryRunQuery,
    request: FastifyRequest,
  ): Promise<Answer<CreatedWorkspace | DryRun>> {
    // Before the transaction: it reads files and asks the resolver.
    const input = await newWorkspace(body, this.defaults);
    const context = {
      cipher: this.cipher,
      actor: actorOf(request.caller),
      orgId: this.config.MOLECULE_ORG_ID || DEFAULT_ORG,
    };
    return this.requests.take<CreatedWorkspace>(request, 'create', query, async (tx) => {
      const created = await createWorkspace(tx, input, context);
      const operationId = created.status === 'provisioning' ? created.operationId : null;
      return {
        answer: new Answer(201, this.view(created, request)),
        status: created.status,
        targets: [{ workspaceId: created.id, operationId }],
      };
    });
  }

  patch(
    id: string,
    body: PatchWorkspace,
    query: DryRunQuery,
    request: FastifyRequest,
  ): Promise<Answer<PatchedWorkspace | DryRun>> {
    const forbidden = operatorKeys.filter((key) => body[key] !== undefined);
    if (forbidden.length > 0 && !isOperator(request.caller)) {
      throw new Refusal('FORBIDDEN', `a workspace may not change its own ${forbidden.join(', ')}`);
    }
    const { x, y } = body;
    const workspaceDir = body.workspace_dir === '' ? null : body.workspace_dir;
    const patch = {
      name: body.name,
      role: body.role,
      tier: body.tier,
      runtime: body.runtime,
      parentId: body.parent_id,
      workspaceDir,
      collapsed: body.collapsed,
      position: x === undefined || y === undefined ? undefined : { x, y },
    };
    const status = 'updated';
    const restart = workspaceDir === undefined ? {} : { needs_restart: true as const };
    return this.requests.take<PatchedWorkspace>(request, 'update', query, async (tx) => {
      await patchWorkspace(tx, id, patch);
      return {
        answer: new Answer(200, { status, ...restart }),
        status,
        targets: [{ workspaceId: id, operationId: null }],
        change: { ...columnsOf(patch), ...restart },
      };
    });
  }

  private view(created: Created, request: FastifyRequest): CreatedWorkspace {
    const { id } = created;
    if (created.status === 'provisioning') {
      const { operationId, awarenessNamespace, workspaceAccess } = created;
      return {
        id,
        status: created.status,
        awareness_namespace: awarenessNamespace,
        workspace_access: workspaceAccess,
        operation_id: operationId,
      };
    }
    if (created.status === 'online') return { id, status: created.status, external: true };
    // Forwarded headers count only from a trusted proxy.
    const platformUrl = this.config.EXTERNAL_PLATFORM_URL ?? `${request.protocol}://${request.host}`;
    return { id, status: created.status, external: true, connection: connectionBlock(id, platformUrl, created.token) };
  }
}

/** What a patch changes, under the names of the API. */
function columnsOf({ position, parentId, workspaceDir, ...patch }: WorkspacePatch): Change {
  const columns = { ...patch, parent_id: parentId, workspace_dir: workspaceDir, ...position };
  return Object.fromEntries(
    Object.entries(columns).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}
