import type { Handler } from '../command/action.ts';
import { printableLines } from '../terminal/text.ts';
import { workspaceId } from './reference.ts';

/** `workspace console`: what its box wrote while it booted. */
export const showConsole: Handler<[reference: string], object> = async (session) => {
  const id = await workspaceId(session, session.args[0]);
  const answer = await session.api.call('GET /workspaces/{id}/console', { path: { id } });
  const lines = (): string[] => [printableLines(answer.output.trimEnd())];
  session.output.result({ json: () => answer, quiet: lines, people: lines });
};
