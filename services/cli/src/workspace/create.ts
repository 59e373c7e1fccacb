import type { Answer, Input } from '../api/api.ts';
import type { Call, Handler } from '../command/action.ts';
import { outcomeFailure } from '../operation/outcome.ts';
import type { OperationView } from '../operation/state-style.ts';
import { waitForOperation } from '../operation/wait.ts';
import { dryRunQuery, toldPlan } from '../plan/plan.ts';
import { gatherSecrets, type SecretSources } from '../secret/input.ts';
import { type Created, createdLines, onlineLine } from './created-lines.ts';
import { workspaceId } from './reference.ts';
import { waitedFor } from './wait.ts';

type WorkspaceView = Answer<'GET /workspaces/{id}'>;

export interface CreateOptions extends SecretSources {
  readonly runtime?: string;
  readonly template?: string;
  readonly tier?: number;
  readonly model?: string;
  readonly role?: string;
  readonly parent?: string;
  readonly external?: true;
  readonly url?: string;
  readonly dir?: string;
  readonly access?: 'none' | 'read_only' | 'read_write';
  readonly delivery?: 'push' | 'poll';
  /** US cents. */
  readonly budget?: number;
  readonly maxTasks?: number;
  readonly compute?: Record<string, unknown>;
  readonly idempotencyKey?: string;
  readonly dryRun?: true;
  readonly wait?: true;
  readonly timeout?: number;
}

type CreateCall = Call<[name: string], CreateOptions>;

/** How it went on with the workspace. */
interface Waited {
  readonly workspace: WorkspaceView;
  readonly operation?: OperationView;
}

/** `workspace create`. */
export const createWorkspace: Handler<[name: string], CreateOptions> = async (call) => {
  const { api, output, options } = call;
  const key = options.idempotencyKey;
  const created = await api.call('POST /workspaces', {
    body: await bodyOf(call),
    query: dryRunQuery(options.dryRun),
    ...(key === undefined ? {} : { idempotencyKey: key }),
  });
  if (toldPlan(output, created, options, 'create')) return;
  const result = (waited?: Waited) =>
    output.result({
      json: () => ({ ...created, ...(waited ? { status: waited.workspace.status, ...waited } : {}) }),
      quiet: () => [created.id],
      people: (paint) => createdLines(created, call.args[0], paint),
    });
  // Programs get one document at the end, whatever comes of the wait: the token in it is never shown again.
  if (output.mode !== 'json') result();
  let waited: Waited | undefined;
  try {
    if (options.wait) waited = await waitedOut(call, created);
  } finally {
    if (output.mode === 'json') result(waited);
  }
  const failure = waited?.operation ? outcomeFailure(waited.operation) : null;
  if (failure) throw failure;
  if (waited && output.mode === 'people')
    call.terminal.out.write(`${onlineLine(waited.workspace, waited.operation, call.terminal.out.paint)}\n`);
};

async function waitedOut(call: CreateCall, { id, operation_id: operationId }: Created): Promise<Waited> {
  const { timeout } = call.options;
  if (operationId === undefined) return { workspace: await waitedFor(call, id, ['online'], timeout) };
  const operation = await waitForOperation(call, operationId, timeout);
  return { workspace: await call.api.call('GET /workspaces/{id}', { path: { id } }), operation };
}

/** Null is the same as left out. */
async function bodyOf({ options, args, world, ...call }: CreateCall): Promise<Input<'POST /workspaces'>['body']> {
  const { parent } = options;
  return {
    name: args[0],
    runtime: options.runtime ?? null,
    template: options.template ?? null,
    tier: options.tier ?? null,
    model: options.model ?? null,
    role: options.role ?? null,
    parent_id: parent === undefined ? null : await workspaceId({ world, ...call }, parent),
    external: options.external ?? (options.url === undefined ? null : true),
    url: options.url ?? null,
    workspace_dir: options.dir ?? null,
    workspace_access: options.access ?? null,
    delivery_mode: options.delivery ?? null,
    budget_limit: options.budget ?? null,
    max_concurrent_tasks: options.maxTasks ?? null,
    compute: options.compute ?? null,
    secrets: await gatherSecrets(world, options),
  };
}
