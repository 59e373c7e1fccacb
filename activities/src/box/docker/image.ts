import type Docker from 'dockerode';
import { call } from './engine-error.ts';

/** Where the worker runs; decides which image platform is asked for. */
export interface Machine {
  readonly platform: string;
  readonly arch: string;
}

/**
 * The platform an image is pulled for; undefined leaves it to the engine. What the operator says counts, an empty text
 * included; on Apple silicon most images exist for amd64 only.
 */
export function imagePlatform(given: string | undefined, machine: Machine): string | undefined {
  if (given !== undefined) return given.trim() || undefined;
  return machine.platform === 'darwin' && machine.arch === 'arm64' ? 'linux/amd64' : undefined;
}

/** Pulls an image and waits for its end. Nothing is made by it, so that it may be cut off at any time. */
export async function pull(
  docker: Docker,
  image: string,
  platform: string | undefined,
  limits: { limitMs: number; signal: AbortSignal },
): Promise<void> {
  await call(`pull ${image}`, limits.limitMs, async (timeout) => {
    const abortSignal = AbortSignal.any([timeout, limits.signal]);
    const progress = await docker.pull(image, { abortSignal, ...(platform ? { platform } : {}) });
    await new Promise<void>((resolve, reject) => {
      docker.modem.followProgress(progress, (error: Error | null) => (error ? reject(error) : resolve()));
    });
  });
}
