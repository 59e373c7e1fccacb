import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type Docker from 'dockerode';
import tar from 'tar-stream';
import { root } from '../root.ts';
import { hasImage } from './has-image.ts';
import { ensureNodeImage } from './node-image.ts';

const dockerfile = path.join(root, 'infra/images/agent/Dockerfile');
const source = path.join(root, 'services/agent/src/main.ts');

export interface AgentImageOptions {
  /** File with the agent's bundle; left out, it is made from the sources. */
  readonly bundle?: string;
}

/**
 * The tag of an image of the reference agent, made when the engine does not have it: about a second, then kept under
 * the hash of what is in it. Where engine and machine match, nothing is pulled: the machine's own Node goes in.
 * @throws Error when the engine does not answer or the build fails
 */
export async function ensureAgentImage(docker: Docker, options: AgentImageOptions = {}): Promise<string> {
  const [recipe, bundle, base] = await Promise.all([readFile(dockerfile), bundleOf(options), ensureNodeImage(docker)]);
  const hash = createHash('sha256')
    .update(recipe)
    .update(bundle)
    .update(base ?? '')
    .digest('hex')
    .slice(0, 16);
  const tag = `holdfast/agent:${hash}`;
  if (await hasImage(docker, tag)) return tag;
  const context = tar.pack();
  context.entry({ name: 'Dockerfile' }, recipe);
  context.entry({ name: 'main.js' }, bundle);
  context.finalize();
  const progress = await docker.buildImage(context as unknown as NodeJS.ReadableStream, {
    t: tag,
    ...(base ? { buildargs: { BASE: base } } : {}),
  });
  await new Promise<void>((resolve, reject) => {
    docker.modem.followProgress(progress, (error: Error | null, lines: { error?: string }[]) => {
      const failed = error?.message ?? lines.find((line) => line.error)?.error;
      if (failed) reject(new Error(`the agent image could not be built: ${failed}`));
      else resolve();
    });
  });
  return tag;
}

async function bundleOf({ bundle }: AgentImageOptions): Promise<Buffer> {
  if (bundle !== undefined) return readFile(bundle);
  const { rolldown } = await import('rolldown');
  const build = await rolldown({
    input: source,
    platform: 'node',
    tsconfig: path.join(root, 'tsconfig.json'),
    external: /^node:/,
  });
  const { output } = await build.generate({ format: 'esm' });
  await build.close();
  return Buffer.from(output[0].code);
}
