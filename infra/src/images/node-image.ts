import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { realpath, stat } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import type Docker from 'dockerode';
import tar from 'tar-stream';
import { hasImage } from './has-image.ts';

const INSIDE = '/usr/local/bin/node';
const architectures: Record<string, string> = { x64: 'amd64', arm64: 'arm64' };

/**
 * An image with this machine's Node and the libraries it loads, and nothing else; made once per Node. Undefined where
 * the engine could not run it (another system or processor).
 */
export async function ensureNodeImage(docker: Docker): Promise<string | undefined> {
  const engine = await docker.version();
  if (process.platform !== 'linux' || engine.Os !== 'linux' || engine.Arch !== architectures[process.arch])
    return undefined;
  const node = await realpath(process.execPath);
  const { size } = await stat(node);
  const hash = createHash('sha256').update(`${process.version} ${process.arch} ${size}`).digest('hex').slice(0, 12);
  const tag = `node-${process.version}-${hash}`;
  const name = `holdfast/node:${tag}`;
  if (!(await hasImage(docker, name))) await importNode(docker, node, tag);
  return name;
}

async function importNode(docker: Docker, node: string, tag: string): Promise<void> {
  const pack = tar.pack();
  const imported = docker.importImage(pack as unknown as NodeJS.ReadableStream, {
    repo: 'holdfast/node',
    tag,
    changes: ['ENV PATH=/usr/local/bin:/usr/bin:/bin', 'LABEL holdfast.image=node'],
  });
  const filled = (async () => {
    await add(pack, node, INSIDE);
    for (const library of await librariesOf(node)) await add(pack, await realpath(library), library);
    pack.entry({ name: 'tmp', type: 'directory', mode: 0o1777 });
    pack.finalize();
  })();
  const [answer] = await Promise.all([imported, filled]);
  await new Promise<void>((resolve, reject) => {
    docker.modem.followProgress(answer as NodeJS.ReadableStream, (error: Error | null) =>
      error ? reject(error) : resolve(),
    );
  });
}

async function add(pack: tar.Pack, file: string, name: string): Promise<void> {
  const { size } = await stat(file);
  await pipeline(createReadStream(file), pack.entry({ name: name.slice(1), size, mode: 0o755 }));
}

/** The shared libraries of a program, its loader included. */
async function librariesOf(program: string): Promise<string[]> {
  // A program without shared libraries makes ldd fail; it needs none.
  const { stdout } = await promisify(execFile)('ldd', [program]).catch(() => ({ stdout: '' }));
  return stdout.match(/\/[^\s():]+/g) ?? [];
}
