import type Docker from 'dockerode';
import { ensureAgentImage } from '../../src/images/agent-image.ts';
import { CannotMeasure, type Figure } from '../figure.ts';
import { now } from '../load.ts';
import { measurePairs } from '../pairs.ts';
import { bringUpAndDelete } from '../real-bring-up.ts';

export const docker: Figure = {
  name: 'docker',
  title: 'Bring-up on Docker, from the request to "online"',
  comparison: 'create and start of a container of the same image, in turns with ours',
  async run({ stage, tell }) {
    const { docker: engine } = stage;
    if (!engine) throw new CannotMeasure('no Docker engine answers');
    tell('image of the reference agent');
    const image = await ensureAgentImage(engine);
    await stage.workers.startReal('docker', { HOLDFAST_AGENT_IMAGE: image });
    const client = stage.gateway.client(2);
    const ours = () => bringUpAndDelete(client);
    const rows = await measurePairs(tell, ours, 'raw Docker', () => rawStart(engine, image), {
      p95Above: 300,
      p50: 400,
    });
    client.close();
    await stage.store.reset();
    await stage.workers.stop();
    return rows;
  },
};

/** Milliseconds of create and start; the removal comes after. */
async function rawStart(engine: Docker, image: string): Promise<number> {
  const begun = now();
  const container = await engine.createContainer({
    Image: image,
    Labels: { 'holdfast.bench': 'raw' },
    HostConfig: { Init: true },
  });
  try {
    await container.start();
    return now() - begun;
  } finally {
    await container.remove({ force: true, v: true });
  }
}
