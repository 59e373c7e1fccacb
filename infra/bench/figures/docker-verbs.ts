import { ensureAgentImage } from '../../src/images/agent-image.ts';
import { Announcements } from '../announcements.ts';
import { Endings } from '../endings.ts';
import { CannotMeasure, type Figure, type Row } from '../figure.ts';
import { type Lived, pairedLives } from '../paired-lives.ts';
import { type Pair, pairRow, pairsOf } from '../pairs.ts';
import { RawContainers } from '../raw-containers.ts';
import { percentile } from '../statistics.ts';
import { type Verb, verbs } from '../verbs.ts';
import { WorkspaceLives } from '../workspace-lives.ts';

const ALONE = { size: 1, callers: 1, rounds: 5 };
const TOGETHER = { size: 3, callers: 3, rounds: 2 };
const what = 'raw Docker';

export const dockerVerbs: Figure = {
  name: 'docker-verbs',
  title: 'Every verb on Docker, from the request to the end of the operation',
  comparison:
    'the same containers, volumes and limits by hand, verb by verb in turns with ours; no agent is waited for',
  async run({ stage, tell }) {
    const { docker: engine } = stage;
    if (!engine) throw new CannotMeasure('no Docker engine answers');
    const image = await ensureAgentImage(engine);
    await stage.workers.startReal('docker', { HOLDFAST_AGENT_IMAGE: image });
    const client = stage.gateway.client(TOGETHER.callers);
    const announcements = await Announcements.listen(stage);
    const accepted = new Map<Verb, number[]>(verbs.map((verb) => [verb, []]));
    const parts = { stage, client, announcements, endings: new Endings(stage) };
    const onAccepted = (verb: Verb, afterMs: number) => accepted.get(verb)?.push(afterMs);
    const raw = () => new RawContainers({ stage, engine, image });
    const alone = await pairedLives({ ...ALONE, tell, raw, ours: () => new WorkspaceLives({ ...parts, onAccepted }) });
    const together = await pairedLives({ ...TOGETHER, tell, raw, ours: () => new WorkspaceLives(parts) });
    await announcements.close();
    client.close();
    await stage.store.reset();
    await stage.workers.stop();
    return verbs.flatMap((verb) => [
      // The first one is the first round's, which does not count.
      acceptedRow(verb, accepted.get(verb)?.slice(ALONE.size) ?? []),
      pairRow({ name: `${verb}, alone, ended, p50`, unit: 'ms', what }, pairsOf(alone.get(verb) ?? [], latency)),
      togetherRow(verb, together.get(verb) ?? []),
    ]);
  },
};

const latency = ({ latencies }: Lived): number => percentile(latencies, 50);

const acceptedRow = (verb: Verb, times: readonly number[]): Row => ({
  name: `${verb}, alone, accepted, p50`,
  value: percentile(times, 50),
  unit: 'ms',
});

const togetherRow = (verb: Verb, pairs: readonly Pair<Lived>[]): Row =>
  pairRow(
    { name: `${verb}, ${TOGETHER.size} at a time`, unit: '/s', what },
    pairsOf(pairs, ({ perSecond }) => perSecond),
  );
