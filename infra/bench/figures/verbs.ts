import { Announcements } from '../announcements.ts';
import { Endings } from '../endings.ts';
import type { Figure } from '../figure.ts';
import { Floor } from '../floor.ts';
import { FloorLives } from '../floor-lives.ts';
import { pairedLives } from '../paired-lives.ts';
import { pairRow, pairsOf } from '../pairs.ts';
import { verbs } from '../verbs.ts';
import { WorkspaceLives } from '../workspace-lives.ts';

const CALLERS = 20;
const SIZE = 30;
const ROUNDS = 2;

export const nullVerbs: Figure = {
  name: 'verbs',
  title: `Every verb on a null backend, ${CALLERS} at a time, from the request to the end of the operation`,
  comparison:
    'a workflow with two activities and a signal on the same Temporal server, and nothing in Postgres, in turns with ours',
  async run({ stage, tell }) {
    await stage.workers.startNull();
    const client = stage.gateway.client(CALLERS);
    const announcements = await Announcements.listen(stage);
    const floor = await Floor.start(stage);
    const parts = { stage, client, announcements, endings: new Endings(stage) };
    const lived = await pairedLives({
      tell,
      rounds: ROUNDS,
      size: SIZE,
      callers: CALLERS,
      ours: () => new WorkspaceLives(parts),
      raw: () => new FloorLives(stage, floor),
    });
    await floor.stop();
    await announcements.close();
    client.close();
    await stage.store.reset();
    await stage.workers.stop();
    const what = 'bare workflow';
    return verbs.flatMap((verb) => {
      const pairs = lived.get(verb) ?? [];
      return [
        pairRow(
          { name: verb, unit: '/s', what },
          pairsOf(pairs, ({ perSecond }) => perSecond),
        ),
        // What else the machine does changes the other figure, and this one little.
        pairRow(
          { name: `${verb}, processor time for one`, unit: 'ms', what },
          pairsOf(pairs, ({ spentMs }) => spentMs),
        ),
      ];
    });
  },
};
