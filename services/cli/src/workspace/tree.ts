import { setTimeout as sleep } from 'node:timers/promises';
import type { Call, Handler } from '../command/action.ts';
import { Failure, usage } from '../failure/failure.ts';
import { openOperations } from '../operation/pages.ts';
import type { OperationView } from '../operation/state-style.ts';
import type { Result } from '../terminal/output.ts';
import { Screen } from '../terminal/screen.ts';
import { type Column, table } from '../terminal/table.ts';
import { between, duration } from '../terminal/time.ts';
import { type Branch, branchesOf, forestOf, membersOf, subtreeOf, type TreeNode } from './forest.ts';
import { workspaceIdIn } from './reference.ts';
import { statusStyle } from './status-style.ts';

/** Often enough to see a step begin and end. */
const LOOK_EVERY_MS = 1_000;

export interface TreeOptions {
  readonly watch?: true;
}

type TreeCall = Call<[reference: string | undefined], TreeOptions>;

/** `workspace tree`: who is below whom, and what is being done to each. */
export const showTree: Handler<[reference: string | undefined], TreeOptions> = async (call) => {
  if (!call.options.watch) return call.output.result(await treeResult(call));
  const { output, terminal, world } = call;
  if (output.mode !== 'people' || !terminal.out.isTerminal)
    throw usage('--watch is for a terminal.', 'leave it out, and repeat the command');
  const screen = new Screen(terminal.out);
  for (;;) {
    const { people } = await treeResult(call);
    screen.show(people(terminal.out.paint, terminal.out.columns()));
    await sleep(LOOK_EVERY_MS, undefined, { signal: world.signal }).catch(() => world.signal.throwIfAborted());
  }
};

async function treeResult({ api, args, terminal }: TreeCall): Promise<Result> {
  const [reference] = args;
  const [listed, open] = await Promise.all([api.call('GET /workspaces', {}), openOperations(api)]);
  const nodes = reference === undefined ? forestOf(listed) : [only(listed, workspaceIdIn(listed, reference))];
  const now = Date.now();
  return {
    json: () => nodes.map((node) => document(node, open)),
    quiet: () => membersOf(nodes).map(({ id }) => id),
    people: (paint, width) =>
      nodes.length === 0
        ? ['No workspaces. Make one: holdfast workspace create NAME']
        : table(branchesOf(nodes, terminal.out.isTerminal), columns(open, now), { columns: width, paint }),
  };
}

function only(listed: Parameters<typeof subtreeOf>[0], id: string): TreeNode {
  const node = subtreeOf(listed, id);
  if (node) return node;
  throw new Failure('notFound', `There is no workspace ${id}, or it is removed.`, {
    code: 'WORKSPACE_NOT_FOUND',
    next: `holdfast workspace history ${id}`,
  });
}

type Open = ReadonlyMap<string, readonly OperationView[]>;

const columns = (open: Open, now: number): Column<Branch>[] => [
  { title: 'WORKSPACE', text: ({ lead, workspace }) => lead + workspace.name, least: 12 },
  {
    title: 'STATUS',
    text: ({ workspace }) => workspace.status,
    style: ({ workspace }) => statusStyle(workspace.status),
  },
  {
    title: 'OPERATION',
    text: ({ workspace }) => underWay(open.get(workspace.id) ?? [], now),
    style: () => 'cyan',
    least: 9,
    optional: true,
  },
  { title: 'RUNTIME', text: ({ workspace }) => workspace.runtime, least: 7, spare: true },
  { title: 'ID', text: ({ workspace }) => workspace.id, spare: true },
];

/** The operation that runs, the step it is in and for how long; how many wait behind it. */
function underWay(operations: readonly OperationView[], now: number): string {
  const [first, ...others] = operations;
  if (!first) return '';
  const took = between(first.began_at ?? first.accepted_at, new Date(now).toISOString()) ?? 0;
  const waiting = others.length === 0 ? '' : `, ${others.length} more waiting`;
  return `${first.kind}: ${first.state === 'accepted' ? 'waiting' : (first.phase ?? 'running')} ${duration(took)}${waiting}`;
}

/** A node as programs read it. */
const document = ({ workspace, children }: TreeNode, open: Open): object => ({
  id: workspace.id,
  name: workspace.name,
  status: workspace.status,
  runtime: workspace.runtime,
  operations: open.get(workspace.id) ?? [],
  children: children.map((child) => document(child, open)),
});
