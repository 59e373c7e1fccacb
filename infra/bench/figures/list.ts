import { closedLoopRows } from '../closed-loop-rows.ts';
import type { Figure } from '../figure.ts';
import { insertOnline } from '../workspaces.ts';

const ROWS = 50;
const CALLERS = 32;

export const list: Figure = {
  name: 'list',
  title: `GET /workspaces with ${ROWS} rows`,
  comparison: 'a bare server that answers the same bytes',
  goal: 'The canvas asks for its list often: 3,000 times a second, four times what the server before us did.',
  async run(context) {
    await context.stage.store.reset();
    await insertOnline(context.stage, ROWS);
    const rows = await closedLoopRows(context, CALLERS, () => ({ method: 'GET', path: '/workspaces' }), {
      atLeast: 3_000,
    });
    await context.stage.store.reset();
    return rows;
  },
};
