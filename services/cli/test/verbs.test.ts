import { uniqueId, waitFor } from '@holdfast/infra/testing/index';
import { System } from '@holdfast/infra/testing/system/system';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Cli } from './support/cli.ts';

let system: System;
let cli: Cli;
beforeAll(async () => {
  // Sweeps are asked for on the queue of the loops.
  system = await System.start({ backend: 'process', env: { HOLDFAST_LOOPS_QUEUE: uniqueId('loops') } });
  cli = new Cli(system.api().url, system.adminToken);
});
afterAll(() => system?.stop());

interface Node {
  readonly id: string;
  readonly name: string;
  readonly status: string;
  readonly children: readonly Node[];
}
interface Operation {
  readonly id: string;
  readonly kind: string;
  readonly state: string;
  readonly parent_id: string | null;
}

const create = (name: string, more = ''): Promise<string> =>
  cli.id(`workspace create ${name} --runtime reference --tier 2 --wait ${more}`.trim());

/** A workspace with one below it, which has one below it; nothing is under way any more. */
async function family(name: string): Promise<string> {
  const made = (who: string, more = ''): Promise<{ id: string; operation_id: string }> =>
    cli.json(`workspace create ${who} --runtime reference --tier 2${more}`);
  const root = await made(name);
  const kid = await made(`${name}-kid`, ` --parent ${root.id}`);
  const grand = await made(`${name}-grand`, ` --parent ${kid.id}`);
  await Promise.all([root, kid, grand].map(({ operation_id: operation }) => cli.id(`operation watch ${operation}`)));
  return root.id;
}

const statusesOf = async (root: string): Promise<string[]> => {
  const list = (nodes: readonly Node[]): string[] =>
    nodes.flatMap(({ name, status, children }) => [`${name} ${status}`, ...list(children)]);
  return list(await cli.json<Node[]>(`workspace tree ${root}`));
};
const boxesOf = async (id: string): Promise<string[]> =>
  (await system.realBoxes()).filter(({ workspaceId }) => workspaceId === id).map(({ boxId }) => boxId);

test('a restart replaces the box, tells its steps, and stays in the history with its cause', async () => {
  const id = await create('again');
  const [before] = await boxesOf(id);
  const { code, out, err } = await cli.run('workspace restart again --wait --reset');
  expect({ code, last: out.trimEnd().split('\n').at(-1) }).toEqual({
    code: 0,
    last: expect.stringMatching(/^online {2}after .* http:/),
  });
  expect(err.match(/✓ (\w+)/g)).toEqual(['✓ prepare', '✓ settle', '✓ mint', '✓ start']);
  const after = await boxesOf(id);
  expect(after).toHaveLength(1);
  expect(after).not.toContain(before);
  const { out: history } = await cli.run('workspace history again');
  expect(history.match(/✓ \w+ succeeded|online/g)).toEqual([
    '✓ provision succeeded',
    'online',
    '✓ restart succeeded',
    'online',
  ]);
});

test('one key is one restart, however often the command is repeated', async () => {
  const id = await create('keyed');
  const words = `workspace restart ${id} --idempotency-key ${uniqueId('key')}`;
  const answers = await Promise.all([1, 2, 3].map(() => cli.json<{ operation_id: string }>(words)));
  expect(new Set(answers.map(({ operation_id: operation }) => operation)).size).toBe(1);
  expect((await cli.json<Operation[]>(`operation list ${id} --kind restart`)).length).toBe(1);
});

describe('a tree', () => {
  test('is paused and resumed as a whole, after a plan that changed nothing', async () => {
    const root = await family('pack');
    const plan = await cli.json<{ targets: { name: string; decision: string; steps: string[]; boxes: object[] }[] }>(
      `workspace pause pack --dry-run`,
    );
    expect(plan.targets.map(({ name, decision, boxes }) => `${name} ${decision} ${boxes.length}`).sort()).toEqual([
      'pack run 1',
      'pack-grand run 1',
      'pack-kid run 1',
    ]);
    expect(await statusesOf(root)).toEqual(['pack online', 'pack-kid online', 'pack-grand online']);
    expect(await cli.json<Operation[]>(`operation list ${root} --kind pause`)).toEqual([]);

    const paused = await cli.json<{ paused_count: number; operation_id: string; operations: Operation[] }>(
      'workspace pause pack --wait',
    );
    expect(paused.paused_count).toBe(3);
    expect(paused.operations.map(({ kind, state }) => `${kind} ${state}`)).toEqual(Array(3).fill('pause succeeded'));
    expect(await statusesOf(root)).toEqual(['pack paused', 'pack-kid paused', 'pack-grand paused']);
    expect(await boxesOf(root)).toEqual([]);
    const members = await cli.json<Operation[]>(`operation list --parent ${paused.operation_id}`);
    expect(members.map(({ parent_id: parent }) => parent)).toEqual([paused.operation_id, paused.operation_id]);
    const { out: watched } = await cli.run(`operation watch ${paused.operation_id}`);
    expect(watched).toMatch(/✓ pack .*✓ pack-kid .*✓ pack-grand .*3 workspaces: 3 succeeded/s);

    const refused = await cli.run('workspace resume pack-kid --json');
    expect({ code: refused.code, body: JSON.parse(refused.err) as unknown }).toMatchObject({
      code: 4,
      body: { code: 'PARENT_PAUSED' },
    });
    const { code, out, err } = await cli.run('workspace resume pack --wait');
    expect({ code, last: out.trimEnd().split('\n').at(-1) }).toEqual({
      code: 0,
      last: expect.stringMatching(/^3 workspaces: 3 succeeded {2}after /),
    });
    expect(err.match(/✓ \S+/g)?.sort()).toEqual(['✓ pack', '✓ pack-grand', '✓ pack-kid']);
    expect(await statusesOf(root)).toEqual(['pack online', 'pack-kid online', 'pack-grand online']);
  });

  test('is deleted only with a yes, and is told of after its purge', async () => {
    const root = await family('gone');
    expect(await cli.run('workspace delete gone')).toMatchObject({
      code: 4,
      err: expect.stringContaining('repeat with --yes'),
    });
    const { code, err } = await cli.run('workspace delete gone --purge --yes --wait');
    expect({ code, told: err.match(/✓ \S+/g)?.sort() }).toEqual({
      code: 0,
      told: ['✓ gone', '✓ gone-grand', '✓ gone-kid'],
    });
    expect((await cli.run(`workspace get ${root}`)).code).toBe(3);
    expect(await boxesOf(root)).toEqual([]);
    expect((await cli.run(`workspace history ${root}`)).out).toMatch(/✓ provision succeeded.*✓ delete succeeded/s);
  });

  test('is collapsed to its root', async () => {
    const root = await family('fold');
    expect((await cli.run('workspace collapse fold')).code).toBe(4);
    const { code, out } = await cli.run('workspace collapse fold --yes --wait');
    expect({ code, out }).toEqual({ code: 0, out: expect.stringContaining('without fold-kid') });
    expect(out).toContain('2 workspaces: 2 succeeded');
    expect(await statusesOf(root)).toEqual(['fold online']);
  });
});

test('a workspace sleeps without a box, and wakes with one', async () => {
  const id = await create('sleeper');
  expect(await cli.run('workspace wake sleeper')).toMatchObject({ code: 3 });
  expect(await cli.json('workspace hibernate sleeper --wait')).toMatchObject({ status: 'hibernated' });
  expect(await boxesOf(id)).toEqual([]);
  expect(await cli.run('workspace wake sleeper --wait')).toMatchObject({
    code: 0,
    out: expect.stringMatching(/online {2}after .* http:/),
  });
  expect(await boxesOf(id)).toHaveLength(1);
});

test('what nobody has begun is cancelled at once, and done after all when it is tried again', async () => {
  const [worker] = system.workers;
  await worker?.end();
  const id = await cli.id('workspace create waits --runtime reference --tier 2');
  const operation = await cli.id(`operation list ${id} --state accepted`);
  expect(await cli.json(`operation cancel ${operation} --dry-run`)).toMatchObject({ dry_run: true, verb: 'cancel' });
  expect(await cli.json(`operation get ${operation}`)).toMatchObject({ state: 'accepted', cancel_requested_at: null });
  expect(await cli.json(`operation cancel ${operation} --wait`)).toMatchObject({
    status: 'cancelled',
    operation: { state: 'cancelled' },
  });
  expect(await cli.run(`operation cancel ${operation}`)).toMatchObject({ code: 4, out: '' });
  expect((await cli.run(`operation get ${operation}`)).out).toMatch(/^cancel +asked for /m);

  const retried = cli.start(`operation retry ${operation} --wait --json`);
  await waitFor(async () => (await cli.json<Operation[]>(`operation list ${id} --state open`)).length === 1);
  worker?.start();
  const { code, out } = await retried.ended;
  expect({ code, document: JSON.parse(out) as unknown }).toMatchObject({
    code: 0,
    document: { retries: operation, operation: { kind: 'restart', state: 'succeeded' } },
  });
  expect(await cli.json(`workspace get ${id}`)).toMatchObject({ status: 'online' });
  expect(await cli.run(`operation retry ${operation}`)).toMatchObject({ code: 4 });
});

test('operations are found by what is known of them', async () => {
  const id = await create('sought');
  const [made] = await cli.json<Operation[]>(`operation list sought --kind provision`);
  const found = (filters: string): Promise<string[]> =>
    cli.json<Operation[]>(`operation list --workspace ${id} ${filters}`).then((all) => all.map((one) => one.id));
  expect(await found('--since 5m --actor admin-token --state succeeded')).toEqual([made?.id]);
  expect(await found('--until 5m')).toEqual([]);
  expect(await found('--actor somebody')).toEqual([]);
  expect(await found('--failed-today')).toEqual([]);
  expect(await found('--failure-code CANCELLED')).toEqual([]);
});

test('a sweep finds nothing where the ledger is right, and the loops go round', async () => {
  const { code, out } = await cli.run('sweep --dry-run');
  expect({ code, out }).toEqual({ code: 0, out: expect.stringMatching(/^clean {2}.* on 1 host\.\n$/) });
  expect((await cli.run('sweep')).code).toBe(0);
  // A busy machine may make one late for a moment, and then the command says so by its exit.
  const onTime = async () => {
    const loops = await cli.run('loops --json');
    return loops.code === 0 ? (JSON.parse(loops.out) as { subsystems: Record<string, object> }) : undefined;
  };
  const { subsystems } = await waitFor(onTime, { timeoutMs: 30_000, what: 'every loop to be on time' });
  expect(Object.keys(subsystems)).toContain('reality-check');
});

test('a budget is set, shown and taken away', async () => {
  const id = await create('thrifty');
  expect(await cli.json(`workspace budget set ${id} 12.50`)).toMatchObject({ budget_limit: 1_250 });
  expect(await cli.id(`workspace budget get ${id}`)).toBe('12.50');
  expect(await cli.json(`workspace budget set ${id} none`)).toMatchObject({ budget_limit: null });
  expect(await cli.run(`workspace console ${id}`)).toMatchObject({
    code: 1,
    err: expect.stringContaining('no control plane'),
  });
});
