import type { Handler } from '../command/action.ts';
import { Failure } from '../failure/failure.ts';
import { count, printable } from '../terminal/text.ts';
import { countFact } from './verb/count-fact.ts';
import { askAbout, declined } from './verb/consent.ts';
import type { Target } from './verb/target.ts';
import { carryOut } from './verb/verb.ts';
import type { VerbCall, VerbOptions } from './verb/verb-call.ts';

export interface DeleteOptions extends VerbOptions {
  /** The same as --yes, by its older name. */
  readonly confirm?: true;
  readonly purge?: true;
}

type DeleteCall = VerbCall<DeleteOptions>;

/** `workspace delete`. */
export const deleteWorkspace: Handler<[reference: string], DeleteOptions> = async (call) => {
  const { api, options } = call;
  // A dry run takes nothing along, so nobody needs to agree to it.
  let confirmed = options.confirm ?? options.yes ?? options.dryRun ?? false;
  await askBeforePurge(call);
  await carryOut(call, {
    name: 'delete',
    doing: 'stopping its boxes',
    reach: 'tree',
    send: ({ query, ...given }) =>
      api.call('DELETE /workspaces/{id}', {
        ...given,
        query: {
          ...query,
          ...(confirmed ? { confirm: 'true' } : {}),
          ...(options.purge ? { purge: 'true' } : {}),
        },
      }),
    agree: async (refusal, target) => {
      await askForChildren(call, refusal, target);
      confirmed = true;
    },
    tell: ({ status, operation_id: operationId, cascade_deleted: below }) => ({
      status,
      operationId,
      count: below + 1,
      facts: [countFact(below + 1)],
    }),
    goesOn: 'Its boxes are still being stopped',
  });
};

/** What a purge erases is nowhere else. */
async function askBeforePurge({ options, terminal, world, args }: DeleteCall): Promise<void> {
  const { purge, confirm, yes, dryRun } = options;
  if (!purge || confirm || yes || dryRun || !terminal.interactive) return;
  const sure = await world.prompt.confirm(`Erase ${printable(args[0])} with all of its data, secrets and tokens?`);
  if (!sure) throw declined();
}

/** The gateway says who is below: what is asked about is what it saw. */
async function askForChildren(call: DeleteCall, refusal: unknown, { tree }: Target): Promise<void> {
  const children = childrenIn(refusal);
  if (children === null) throw refusal;
  const names = children.map(({ name }) => printable(String(name))).join(', ');
  if (!call.terminal.interactive) {
    const { message, detail } = refusal as Failure;
    const next = 'repeat with --yes to delete them as well; --dry-run shows what goes';
    throw new Failure('conflict', `${message} (${names})`, { ...detail, next });
  }
  if (tree && tree.children.length > 0) return askAbout(call, [tree], 'Delete');
  const sure = await call.world.prompt.confirm(
    `Delete ${count(children.length, 'child', 'children')} with it: ${names}?`,
  );
  if (!sure) throw declined();
}

function childrenIn(error: unknown): { readonly name?: unknown }[] | null {
  const body = error instanceof Failure ? error.detail.body : undefined;
  return body?.['status'] === 'confirmation_required' && Array.isArray(body['children'])
    ? (body['children'] as { name?: unknown }[])
    : null;
}
