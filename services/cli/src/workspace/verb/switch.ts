import type { Handler } from '../../command/action.ts';
import { printable } from '../../terminal/text.ts';
import { carryOut } from './verb.ts';
import type { VerbOptions } from './verb-call.ts';

export interface SwitchOptions extends VerbOptions {
  readonly to: string;
  readonly confirmDataLoss?: true;
}

/** `workspace switch`. */
export const switchWorkspace: Handler<[reference: string], SwitchOptions> = (call) => {
  const { to: provider, confirmDataLoss } = call.options;
  return carryOut(call, {
    name: 'switch',
    doing: 'asking for the switch',
    reach: 'one',
    bringsUp: true,
    send: (given) =>
      call.api.call('POST /workspaces/{id}/switch-provider', {
        ...given,
        body: { provider, ...(confirmDataLoss ? { confirm_data_loss: true } : {}) },
      }),
    tell: ({ status, operation_id: operationId, from, to, message }) => ({
      status,
      operationId,
      facts: [
        from === undefined || to === undefined ? undefined : `from ${printable(from)} to ${printable(to)}`,
        message === undefined ? undefined : printable(message),
      ],
    }),
  });
};
