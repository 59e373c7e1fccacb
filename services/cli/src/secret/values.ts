import type { Handler } from '../command/action.ts';
import { Failure } from '../failure/failure.ts';
import { printable } from '../terminal/text.ts';
import { workspaceId } from '../workspace/reference.ts';

/** What a shell reads back as the same text. */
const shellQuoted = (value: string): string => `'${value.replaceAll("'", String.raw`'\''`)}'`;

/** `secret values`: in the clear, as a shell takes them. */
export const readValues: Handler<[], { readonly workspace: string }> = async (session) => {
  const { api, options, output, terminal } = session;
  const id = await workspaceId(session, options.workspace);
  const values = await api.call('GET /workspaces/{id}/secrets/values', { path: { id } }).catch((error: unknown) => {
    throw onlyItself(error);
  });
  const shown = terminal.out.isTerminal ? printable : (value: string) => value;
  output.result({
    json: () => values,
    quiet: () => Object.keys(values),
    people: () => Object.entries(values).map(([key, value]) => `${printable(key)}=${shellQuoted(shown(value))}`),
  });
};

/** A refusal here is not about a wrong credential but about one of the wrong kind. */
function onlyItself(error: unknown): unknown {
  if (!(error instanceof Failure) || error.exit !== 'unauthorised') return error;
  const next = 'use a token of the workspace itself: holdfast token create';
  return new Failure('unauthorised', 'Only the workspace itself may read the values of its secrets.', {
    ...error.detail,
    next,
  });
}
