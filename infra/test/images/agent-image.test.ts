import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import Docker from 'dockerode';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hasDocker } from '../../src/testing/index.ts';
import { ensureAgentImage } from '../../src/images/agent-image.ts';
import { hasImage } from '../../src/images/has-image.ts';

const docker = new Docker();
let directory: string;
const made = new Set<string>();
beforeAll(async () => {
  directory = await mkdtemp(path.join(os.tmpdir(), 'holdfast-image-'));
});
afterAll(async () => {
  for (const tag of made) await docker.getImage(tag).remove({ force: true });
  await rm(directory, { recursive: true });
});

async function imageOf(code: string): Promise<string> {
  const bundle = path.join(directory, 'main.js');
  await writeFile(bundle, code);
  const tag = await ensureAgentImage(docker, { bundle });
  made.add(tag);
  return tag;
}

describe.skipIf(!hasDocker())('the image of the agent', () => {
  test('runs the bundle it was made of', async () => {
    const container = await docker.createContainer({
      Image: await imageOf(`process.exit(process.env.CODE - 1)`),
      Env: ['CODE=43'],
    });
    try {
      await container.start();
      expect(await container.wait()).toMatchObject({ StatusCode: 42 });
    } finally {
      await container.remove({ force: true });
    }
  });

  test('is made once for the same bundle, and anew for another', async () => {
    const tag = await imageOf('1');
    const { Id } = await docker.getImage(tag).inspect();
    expect(await imageOf('1')).toBe(tag);
    expect((await docker.getImage(tag).inspect()).Id).toBe(Id);
    expect(await imageOf('2')).not.toBe(tag);
  });

  test('is made of the sources where no bundle is given', async () => {
    expect(await hasImage(docker, await ensureAgentImage(docker))).toBe(true);
  });
});
