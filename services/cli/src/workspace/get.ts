import type { Handler } from '../command/action.ts';
import { workspaceCard } from './card.ts';
import { workspaceId } from './reference.ts';

/** `workspace get`. */
export const getWorkspace: Handler<[reference: string], object> = async (session) => {
  const id = await workspaceId(session, session.args[0]);
  const workspace = await session.api.call('GET /workspaces/{id}', { path: { id } });
  session.output.result({
    json: () => workspace,
    quiet: () => [workspace.id],
    people: (paint) => workspaceCard(workspace, paint),
  });
};
