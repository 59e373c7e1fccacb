import type { Handler } from '../../command/action.ts';
import { printable } from '../../terminal/text.ts';
import { carryOut } from './verb.ts';
import type { VerbOptions } from './verb-call.ts';

/** `workspace collapse`: removes everything below a workspace. */
export const collapseWorkspace: Handler<[reference: string], VerbOptions> = (call) =>
  carryOut(call, {
    name: 'collapse',
    doing: 'removing what is below it',
    reach: 'tree',
    question: { verb: 'Remove', who: 'everybody', rootStays: true },
    send: (given) => call.api.call('POST /workspaces/{id}/collapse', given),
    tell: ({ status, removed, operation_ids: operationIds }) => ({
      status,
      operationIds,
      facts: [removed.length === 0 ? 'nothing was below it' : `without ${removed.map(printable).join(', ')}`],
    }),
  });
