import type Docker from 'dockerode';
import { ensureAgentImage } from '../../src/images/agent-image.ts';
import { benchLabel } from '../engine.ts';
import { CannotMeasure, type Figure } from '../figure.ts';
import { now } from '../load.ts';
import { bringUpRows, inTurns } from '../pairs.ts';
import { bringUpAndDelete } from '../real-bring-up.ts';
import type { Stage } from '../stage.ts';

export const docker: Figure = {
  name: 'docker',
  title: 'Bring-up on Docker, from the request to "online"',
  comparison: 'create and start of a container of the same image, in turns with ours',
  goal: 'A box in Docker is online within 400 ms at the median, and its p95 is at most 300 ms above that of raw Docker.',
  async run({ stage, tell }) {
    const { docker: engine } = stage;
    if (!engine) throw new CannotMeasure('no Docker engine answers');
    tell('image of the reference agent');
    const image = await ensureAgentImage(engine);
    await stage.workers.startReal('docker', { HOLDFAST_AGENT_IMAGE: image });
    const client = stage.gateway.client(2);
    const ours = () => bringUpAndDelete(client);
    const pairs = await inTurns(tell, ours, () => rawStart(stage, engine, image));
    client.close();
    await stage.store.reset();
    await stage.workers.stop();
    return bringUpRows(pairs, 'raw Docker', { p95Above: 300, p50: 400 });
  },
};

/** Milliseconds of create and start; the removal comes after. */
async function rawStart({ workers }: Stage, engine: Docker, image: string): Promise<number> {
  const begun = now();
  const container = await engine.createContainer({
    Image: image,
    Labels: { [benchLabel]: workers.owner },
    HostConfig: { Init: true },
  });
  try {
    await container.start();
    return now() - begun;
  } finally {
    await container.remove({ force: true, v: true });
  }
}
