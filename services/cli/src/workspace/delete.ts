import type { Answer } from '../api/api.ts';
import type { Call, Handler } from '../command/action.ts';
import { Failure } from '../failure/failure.ts';
import { outcomeFailure } from '../operation/outcome.ts';
import { isEnded, type OperationView } from '../operation/state-style.ts';
import { waitForOperation } from '../operation/wait.ts';
import { LiveLine } from '../terminal/live-line.ts';
import { count, printable } from '../terminal/text.ts';
import { workspaceId } from './reference.ts';

export interface DeleteOptions {
  readonly confirm?: true;
  readonly purge?: true;
  readonly wait?: true;
  readonly timeout?: number;
}

type DeleteCall = Call<[reference: string], DeleteOptions>;
type Deleted = Answer<'DELETE /workspaces/{id}'>;

/** `workspace delete`. */
export const deleteWorkspace: Handler<[reference: string], DeleteOptions> = async (call) => {
  const { args, options, output } = call;
  const id = await workspaceId(call, args[0]);
  await askBeforePurge(call);
  const deleted = await deleteWithConsent(call, id);
  const operation = await operationOf(call, deleted);
  output.result({
    json: () => ({ id, ...deleted, ...(options.wait && operation ? { operation } : {}) }),
    quiet: () => [id],
    people: (paint) => [`${paint('green', deleted.status)}  ${printable(args[0])}${args[0] === id ? '' : `  ${id}`}`],
  });
  if (!operation) return;
  if (!isEnded(operation.state))
    return output.note(`Its boxes are still being stopped; to watch: holdfast operation watch ${operation.id}`);
  const failure = outcomeFailure(operation);
  if (failure) throw failure;
};

/** What a purge erases is nowhere else. */
async function askBeforePurge({ options, terminal, world, args }: DeleteCall): Promise<void> {
  if (!options.purge || options.confirm || !terminal.interactive) return;
  const sure = await world.prompt.confirm(`Erase ${printable(args[0])} with all of its data, secrets and tokens?`);
  if (!sure) throw new Failure('conflict', 'Nothing was deleted.', { code: 'CLI_DECLINED' });
}

async function deleteWithConsent(call: DeleteCall, id: string): Promise<Deleted> {
  const { api, options, output, terminal, world } = call;
  const send = async (confirm: boolean): Promise<Deleted> => {
    const live = new LiveLine(terminal.err);
    // The gateway answers when the boxes are stopped, unless that takes long.
    if (output.mode === 'people') live.show('stopping its boxes');
    try {
      const query = { ...(confirm ? { confirm: 'true' } : {}), ...(options.purge ? { purge: 'true' } : {}) };
      return await api.call('DELETE /workspaces/{id}', { path: { id }, query });
    } finally {
      live.stop();
    }
  };
  try {
    return await send(options.confirm ?? false);
  } catch (error) {
    const children = childrenIn(error);
    if (children === null) throw error;
    const names = children.map(({ name }) => printable(String(name))).join(', ');
    if (!terminal.interactive) {
      const { message, detail } = error as Failure;
      throw new Failure('conflict', `${message} (${names})`, {
        ...detail,
        next: 'repeat with --confirm to delete them as well',
      });
    }
    if (!(await world.prompt.confirm(`Delete ${count(children.length, 'child', 'children')} with it: ${names}?`))) {
      throw new Failure('conflict', 'Nothing was deleted.', { code: 'CLI_DECLINED' });
    }
    return send(true);
  }
}

function childrenIn(error: unknown): { readonly name?: unknown }[] | null {
  const body = error instanceof Failure ? error.detail.body : undefined;
  return body?.['status'] === 'confirmation_required' && Array.isArray(body['children'])
    ? (body['children'] as { name?: unknown }[])
    : null;
}

async function operationOf(call: DeleteCall, { operation_id: id }: Deleted): Promise<OperationView | null> {
  if (id === undefined) return null;
  if (call.options.wait) return waitForOperation(call, id, call.options.timeout);
  return call.output.mode === 'people' ? call.api.call('GET /operations/{id}', { path: { id } }) : null;
}
