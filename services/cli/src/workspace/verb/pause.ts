import type { Handler } from '../../command/action.ts';
import { countFact } from './count-fact.ts';
import { carryOut } from './verb.ts';
import type { VerbOptions } from './verb-call.ts';

/** `workspace pause`. */
export const pauseWorkspace: Handler<[reference: string], VerbOptions> = (call) =>
  carryOut(call, {
    name: 'pause',
    doing: 'pausing',
    reach: 'tree',
    question: { verb: 'Pause', who: 'people' },
    send: (given) => call.api.call('POST /workspaces/{id}/pause', given),
    tell: ({ status, operation_id: operationId, paused_count: count }) => ({
      status,
      operationId,
      count,
      facts: [countFact(count)],
    }),
    next: ({ reference }) => `To bring it back: holdfast workspace resume ${reference}`,
  });

/** `workspace resume`. */
export const resumeWorkspace: Handler<[reference: string], VerbOptions> = (call) =>
  carryOut(call, {
    name: 'resume',
    doing: 'resuming',
    reach: 'tree',
    bringsUp: true,
    send: (given) => call.api.call('POST /workspaces/{id}/resume', given),
    tell: ({ status, operation_id: operationId, resumed_count: count }) => ({
      status,
      operationId,
      count,
      facts: [countFact(count)],
    }),
  });
