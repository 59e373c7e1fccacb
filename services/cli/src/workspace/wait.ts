import type { Answer } from '../api/api.ts';
import type { Handler } from '../command/action.ts';
import { within } from '../command/deadline.ts';
import type { Session } from '../command/session.ts';
import { LiveLine } from '../terminal/live-line.ts';
import { workspaceCard } from './card.ts';
import { workspaceId } from './reference.ts';
import type { WorkspaceStatus } from './status-style.ts';
import { waitForStatus } from './wait-status.ts';

export interface WaitOptions {
  readonly for?: readonly WorkspaceStatus[];
  readonly timeout?: number;
}

/** Waits for a status, and shows a person what it is meanwhile. */
export function waitedFor(
  session: Session,
  id: string,
  wanted: readonly WorkspaceStatus[],
  timeoutMs: number | undefined,
): Promise<Answer<'GET /workspaces/{id}'>> {
  const late = { what: `The workspace ${id} is not ${wanted.join(' or ')}`, next: `holdfast workspace get ${id}` };
  return within(session, timeoutMs, late, async (api) => {
    const live = new LiveLine(session.terminal.err);
    const isShown = session.output.mode === 'people';
    const since = Date.now();
    try {
      return await waitForStatus(api, id, wanted, (status) => {
        if (isShown) live.show(`the workspace is ${status}, waiting for ${wanted.join(' or ')}`, since);
      });
    } finally {
      live.stop();
    }
  });
}

/** `workspace wait`. */
export const waitWorkspace: Handler<[reference: string], WaitOptions> = async (session) => {
  const { args, options, output } = session;
  const id = await workspaceId(session, args[0]);
  const workspace = await waitedFor(session, id, options.for ?? ['online'], options.timeout);
  output.result({
    json: () => workspace,
    quiet: () => [id],
    people: (paint) => workspaceCard(workspace, paint),
  });
};
