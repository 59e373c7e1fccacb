import type { Input } from '../api/api.ts';
import type { Call, Handler } from '../command/action.ts';
import { usage } from '../failure/failure.ts';
import { type DryRunOption, dryRunQuery, toldPlan } from '../plan/plan.ts';
import { workspaceId } from './reference.ts';

export interface UpdateOptions extends DryRunOption {
  readonly name?: string;
  readonly role?: string;
  readonly tier?: number;
  readonly runtime?: string;
  readonly parent?: string;
  readonly dir?: string;
  readonly collapsed?: boolean;
  readonly position?: { readonly x: number; readonly y: number };
}

type UpdateCall = Call<[reference: string], UpdateOptions>;

/** What a person writes to clear a field. */
const NOTHING = 'none';

/** `workspace update`. */
export const updateWorkspace: Handler<[reference: string], UpdateOptions> = async (call) => {
  const body = await changesIn(call);
  if (Object.keys(body).length === 0)
    throw usage('There is nothing to update.', 'holdfast workspace update --help lists what can be');
  const id = await workspaceId(call, call.args[0]);
  const { dryRun } = call.options;
  const updated = await call.api.call('PATCH /workspaces/{id}', { path: { id }, query: dryRunQuery(dryRun), body });
  if (toldPlan(call.output, updated, call.options, 'update')) return;
  call.output.result({
    json: () => ({ id, ...updated }),
    quiet: () => [id],
    people: (paint) => [`${paint('green', 'updated')}  ${id}`],
  });
  if (updated.needs_restart) call.output.note('The workspace takes it over at its next restart.');
};

async function changesIn(call: UpdateCall): Promise<Input<'PATCH /workspaces/{id}'>['body']> {
  const { name, role, tier, runtime, parent, dir, collapsed, position } = call.options;
  return {
    ...(name === undefined ? {} : { name }),
    ...(role === undefined ? {} : { role: role === NOTHING ? null : role }),
    ...(tier === undefined ? {} : { tier }),
    ...(runtime === undefined ? {} : { runtime }),
    ...(parent === undefined ? {} : { parent_id: parent === NOTHING ? null : await workspaceId(call, parent) }),
    ...(dir === undefined ? {} : { workspace_dir: dir === NOTHING ? null : dir }),
    ...(collapsed === undefined ? {} : { collapsed }),
    ...position,
  };
}
