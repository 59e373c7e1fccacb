import { Announcements } from '../announcements.ts';
import { Endings } from '../endings.ts';
import type { Figure, FigureContext, Row } from '../figure.ts';
import { Floor } from '../floor.ts';
import { type Client, each, now } from '../load.ts';
import { type Pair, pairRow } from '../pairs.ts';
import { percentile } from '../statistics.ts';
import { plantTree } from '../workspaces.ts';

const BRANCHES = 7;
const LEAVES = 6;
const SIZE = 1 + BRANCHES * (1 + LEAVES);
const ROUNDS = 3;
const verbs = ['pause', 'resume', 'delete'] as const;
type TreeVerb = (typeof verbs)[number];

interface Changed {
  readonly acceptedMs: number;
  readonly endedMs: number;
}

export const tree: Figure = {
  name: 'tree',
  title: `A tree of ${SIZE} workspaces, three deep, on a null backend`,
  comparison: `${SIZE} bare workflows with two activities and a signal at the same time, in turns with ours`,
  async run({ stage, tell }) {
    await stage.workers.startNull();
    const client = stage.gateway.client(SIZE);
    const endings = new Endings(stage);
    const announcements = await Announcements.listen(stage);
    const floor = await Floor.start(stage);
    const changed = new Map<TreeVerb, { accepted: number[]; ended: Pair[] }>(
      verbs.map((verb) => [verb, { accepted: [], ended: [] }]),
    );
    for (let round = 0; round <= ROUNDS; round += 1) {
      tell(`round ${round} of ${ROUNDS}: create`);
      const root = await plantTree(client, endings, { branches: BRANCHES, leaves: LEAVES });
      for (const verb of verbs) {
        tell(`round ${round} of ${ROUNDS}: ${verb}`);
        const ours = await change({ stage, client, endings, announcements }, verb, root);
        const begun = now();
        await each(SIZE, SIZE, async () => void (await floor.run()));
        const raw = now() - begun;
        // The first round pays for what is loaded once.
        if (round === 0) continue;
        changed.get(verb)?.accepted.push(ours.acceptedMs);
        changed.get(verb)?.ended.push({ ours: ours.endedMs, raw });
      }
    }
    await floor.stop();
    await announcements.close();
    client.close();
    await stage.store.reset();
    await stage.workers.stop();
    return [...changed].flatMap(([verb, { accepted, ended }]): Row[] => [
      { name: `${verb}, accepted, p50`, value: percentile(accepted, 50), unit: 'ms' },
      pairRow({ name: `${verb}, all ${SIZE} ended, p50`, unit: 'ms', what: `${SIZE} bare workflows` }, ended),
    ]);
  },
};

interface Parts {
  readonly stage: FigureContext['stage'];
  readonly client: Client;
  readonly endings: Endings;
  readonly announcements: Announcements;
}

/** One request for the whole tree, until the operation of every member has ended. */
async function change(parts: Parts, verb: TreeVerb, root: string): Promise<Changed> {
  const { stage, client, endings, announcements } = parts;
  const sent = now();
  const answer =
    verb === 'delete'
      ? await client.expect(200, { method: 'DELETE', path: `/workspaces/${root}?confirm=true&purge=true` })
      : await client.expect(200, { method: 'POST', path: `/workspaces/${root}/${verb}` });
  const answered = now();
  const { operation_id: operation } = JSON.parse(answer.body.toString()) as { operation_id: string };
  const members = await stage.store.query<{ id: string }>('SELECT id FROM operations WHERE id = $1 OR parent_id = $1', [
    operation,
  ]);
  if (members.length !== SIZE) throw new Error(`the ${verb} of ${SIZE} workspaces made ${members.length} operations`);
  await Promise.all(members.map(({ id }) => endings.succeeded(id)));
  // A delete is answered when it has ended.
  const accepted = verb === 'delete' ? announcements.at(operation) : answered;
  return { acceptedMs: accepted - sent, endedMs: now() - sent };
}
