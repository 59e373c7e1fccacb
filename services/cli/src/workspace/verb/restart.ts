import type { Handler } from '../../command/action.ts';
import { printable } from '../../terminal/text.ts';
import { carryOut } from './verb.ts';
import type { VerbOptions } from './verb-call.ts';

export interface RestartOptions extends VerbOptions {
  readonly template?: string;
  readonly applyTemplate?: true;
  readonly rebuildConfig?: true;
  readonly reset?: true;
}

/** `workspace restart`. */
export const restartWorkspace: Handler<[reference: string], RestartOptions> = (call) => {
  const { template, applyTemplate, rebuildConfig, reset } = call.options;
  const body = {
    ...(template === undefined ? {} : { template }),
    ...(applyTemplate ? { apply_template: true } : {}),
    ...(rebuildConfig ? { rebuild_config: true } : {}),
    ...(reset ? { reset: true } : {}),
  };
  return carryOut(call, {
    name: 'restart',
    doing: 'asking for the restart',
    reach: 'one',
    bringsUp: true,
    send: (given) => call.api.call('POST /workspaces/{id}/restart', { ...given, body }),
    tell: ({ status, operation_id: operationId, config_dir: config, reset_session: isReset, message }) => ({
      status,
      operationId,
      facts: [
        config === undefined || config === 'existing-volume' ? undefined : `from template ${printable(config)}`,
        isReset ? 'with a fresh session' : undefined,
        message === undefined ? undefined : printable(message),
      ],
    }),
  });
};
