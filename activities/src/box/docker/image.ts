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
  limits: { limitMs: number; signal: AbortSignal; login?: { username: string; password: string } | undefined },
): Promise<void> {
  await call(`pull ${image}`, limits.limitMs, async (timeout) => {
    const abortSignal = AbortSignal.any([timeout, limits.signal]);
    const progress = await docker.pull(image, {
      abortSignal,
      ...(platform ? { platform } : {}),
      ...(limits.login ? { authconfig: limits.login } : {}),
    });
    await new Promise<void>((resolve, reject) => {
      docker.modem.followProgress(progress, (error: Error | null, lines: { error?: string }[] = []) => {
        // What goes wrong once it has begun is a line among the others, with the status of a success.
        const said = lines.find((line) => line.error !== undefined)?.error;
        if (error) reject(error);
        else if (said !== undefined) reject(Object.assign(new Error(said), { statusCode: 500 }));
        else resolve();
      });
    });
  });
}
