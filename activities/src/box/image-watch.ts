import type { Refreshed } from '@holdfast/workflows/loop/images';
import type { BoxContext } from './box-context.ts';

export interface ImageWatcher {
  /** Asks the registry about every runtime's image, and refreshes those that are others than before. */
  tick(): Promise<{ watched: number; refreshed: number; failed: number }>;
}

/**
 * Watches the registry for new images. What was seen is remembered by this process only: the first look is where it
 * begins, so that a start of a worker restarts nothing. A refresh that failed is forgotten, so that the next tick tries
 * it again.
 * @param refresh pulls the images of these runtimes and restarts what runs an older one
 */
export function watchImages(
  { dispatcher, settings, log }: BoxContext,
  refresh: (runtimes: readonly string[]) => Promise<Refreshed>,
): ImageWatcher {
  const seen = new Map<string, string>();
  const { runtimes } = settings;

  /** Of several runtimes with one image any does: boxes are found by the image. */
  const byImage = new Map(runtimes.names.map((name) => [runtimes.find(name).image, name]));

  const refreshed = async (image: string, runtime: string, digest: string): Promise<boolean> => {
    const before = seen.get(image);
    seen.set(image, digest);
    if (before === undefined || before === digest) return false;
    try {
      const { failed, error } = await refresh([runtime]);
      if (failed.length === 0 && error === undefined) return true;
    } catch (error) {
      log.warn({ runtime, cause: String(error) }, 'a new image was not brought in; the next look tries again');
    }
    seen.set(image, before);
    return false;
  };

  return {
    async tick() {
      const images = dispatcher.backends.find((backend) => backend.images)?.images;
      const report = { watched: 0, refreshed: 0, failed: 0 };
      for (const [image, runtime] of images ? byImage : []) {
        const digest = await images?.remoteDigest(image).catch((error: unknown) => {
          log.warn({ runtime, cause: String(error) }, 'a registry did not answer; the other runtimes go on');
        });
        if (digest === undefined) report.failed += 1;
        else {
          report.watched += 1;
          if (await refreshed(image, runtime, digest)) report.refreshed += 1;
        }
      }
      return report;
    },
  };
}
