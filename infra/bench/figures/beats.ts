import { closedLoopRows } from '../closed-loop-rows.ts';
import type { Figure } from '../figure.ts';
import type { Request } from '../load.ts';
import { beatBody, insertOnline } from '../workspaces.ts';

const WORKSPACES = 2_000;
const CALLERS = 256;

export const beats: Figure = {
  name: 'beats',
  title: `Heartbeats of ${WORKSPACES} workspaces on one gateway`,
  comparison: 'a bare server that reads the beat and answers the same bytes',
  goal: 'A gateway takes 3,000 beats a second, six times what the server before us did.',
  async run(context) {
    await context.stage.store.reset();
    const agents = await insertOnline(context.stage, WORKSPACES);
    const requests = agents.map(({ id, token }) => ({
      method: 'POST' as const,
      path: '/registry/heartbeat',
      body: beatBody(id),
      token,
    }));
    const beat = (turn: number) => requests[turn % WORKSPACES] as Request;
    const rows = await closedLoopRows(context, CALLERS, beat, { atLeast: 3_000 }, WORKSPACES);
    await context.stage.store.reset();
    return rows;
  },
};
