import type { Handler } from '../../command/action.ts';
import { carryOut } from './verb.ts';
import type { VerbOptions } from './verb-call.ts';

export interface HibernateOptions extends VerbOptions {
  readonly force?: true;
}

/** `workspace hibernate`. */
export const hibernateWorkspace: Handler<[reference: string], HibernateOptions> = (call) =>
  carryOut(call, {
    name: 'hibernate',
    doing: 'stopping its box',
    reach: 'one',
    send: ({ query, ...given }) =>
      call.api.call('POST /workspaces/{id}/hibernate', {
        ...given,
        query: { ...query, ...(call.options.force ? { force: 'true' } : {}) },
      }),
    tell: ({ status, operation_id: operationId }) => ({ status, operationId }),
    next: ({ reference }) => `To wake it: holdfast workspace wake ${reference}`,
  });

/** `workspace wake`. */
export const wakeWorkspace: Handler<[reference: string], VerbOptions> = (call) =>
  carryOut(call, {
    name: 'wake',
    doing: 'waking it',
    reach: 'one',
    bringsUp: true,
    send: (given) => call.api.call('POST /workspaces/{id}/wake', given),
    tell: ({ status, operation_id: operationId }) => ({ status, operationId }),
  });
