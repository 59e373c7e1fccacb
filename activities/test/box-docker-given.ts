import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import Docker from 'dockerode';
import { pino } from 'pino';
import tar from 'tar-stream';

export const docker = new Docker();
export const log = pino({ level: 'silent' });

export const missingIsNull = <T>(found: Promise<T>): Promise<T | null> =>
  found.catch((error: { statusCode?: number }) => {
    if (error.statusCode === 404) return null;
    throw error;
  });

/** Reads a file of a volume through a container that never runs. */
export async function readVolume(
  volume: string,
  image: string,
  file: string,
): Promise<{ text: string; mode: number } | null> {
  if (!(await missingIsNull(docker.getVolume(volume).inspect()))) return null;
  const container = await docker.createContainer({ Image: image, HostConfig: { Binds: [`${volume}:/volume`] } });
  try {
    const archive = await missingIsNull(container.getArchive({ path: `/volume/${file}` }));
    if (!archive) return null;
    const extract = tar.extract();
    archive.pipe(extract);
    for await (const entry of extract) {
      const content = await text(entry.pipe(new PassThrough()));
      return { text: content, mode: (entry.header.mode ?? 0) & 0o777 };
    }
    return null;
  } finally {
    await container.remove();
  }
}
