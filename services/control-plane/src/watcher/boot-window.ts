/** Longest for runtimes that take long; always shorter than what the platform gives a box of that runtime. */
const secondsOf: Readonly<Record<string, number>> = { hermes: 1_500 };
const DEFAULT_SECONDS = 480;
/** Of the time after which the platform gives up, what the watcher takes at most. */
const SHARE = 0.85;

/**
 * How long a box may take to boot.
 * @param configured for every runtime, over what is known of them
 * @param platformSeconds when the platform itself gives up; the report has to be there before
 */
export function bootMs(runtime: string, configured: number | undefined, platformSeconds: number | undefined): number {
  const own = configured ?? secondsOf[runtime] ?? DEFAULT_SECONDS;
  return Math.round(1_000 * (platformSeconds === undefined ? own : platformSeconds * SHARE));
}
