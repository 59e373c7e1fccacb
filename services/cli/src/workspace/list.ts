import type { Answer } from '../api/api.ts';
import type { Handler } from '../command/action.ts';
import { type Column, table } from '../terminal/table.ts';
import { statusStyle, type WorkspaceStatus } from './status-style.ts';

type Row = Answer<'GET /workspaces'>[number];

export interface ListOptions {
  readonly status?: readonly WorkspaceStatus[];
}

const columns = (names: ReadonlyMap<string, string>): Column<Row>[] => [
  { title: 'NAME', text: ({ name }) => name, least: 10, style: () => 'bold' },
  { title: 'STATUS', text: ({ status }) => status, style: ({ status }) => statusStyle(status) },
  { title: 'RUNTIME', text: ({ runtime }) => runtime, least: 7, spare: true },
  { title: 'TIER', text: ({ tier }) => String(tier), align: 'right', spare: true },
  {
    title: 'TASKS',
    text: ({ active_tasks: active, max_concurrent_tasks: most }) => `${active}/${most}`,
    align: 'right',
    spare: true,
  },
  {
    title: 'PARENT',
    text: ({ parent_id: parent }) => (parent === null ? '' : (names.get(parent) ?? parent)),
    least: 6,
    optional: true,
    spare: true,
  },
  { title: 'ID', text: ({ id }) => id },
  {
    title: 'NOW',
    text: doing,
    least: 12,
    optional: true,
    style: ({ last_sample_error: error }) => (error === '' ? undefined : 'red'),
  },
];

/** What it works at; for one that does not work, why. */
const doing = ({ status, current_task: task, last_sample_error: error }: Row): string =>
  status === 'online' || status === 'hibernating' ? task : error || task;

/** `workspace list`. */
export const listWorkspaces: Handler<[], ListOptions> = async ({ api, output, options: { status } }) => {
  const listed = await api.call('GET /workspaces', {});
  const shown = status ? listed.filter((workspace) => status.includes(workspace.status)) : listed;
  output.result({
    json: () => shown,
    quiet: () => shown.map(({ id }) => id),
    people: (paint, width) =>
      shown.length === 0
        ? ['No workspaces. Make one: holdfast workspace create NAME']
        : table(shown, columns(new Map(listed.map(({ id, name }) => [id, name]))), { columns: width, paint }),
  });
};
