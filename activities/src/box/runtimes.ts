import { readFile } from 'node:fs/promises';
import { parse } from 'yaml';
import { z } from 'zod';

const seconds = z.number().int().positive();

const RuntimesFile = z.strictObject({
  fallback: z.string(),
  provisionTimeoutSeconds: seconds,
  runtimes: z.record(
    z.string().regex(/^[a-z0-9][a-z0-9-]*$/),
    z.strictObject({
      image: z.string().min(1),
      provisionTimeoutSeconds: seconds.optional(),
      limits: z.strictObject({ memoryMb: z.number().int().positive(), cpus: z.number().positive() }).optional(),
    }),
  ),
});

/** One runtime as its boxes need it. */
export interface Runtime {
  readonly name: string;
  readonly image: string;
  readonly limits?: { readonly memoryMb: number; readonly cpus: number };
}

/** The runtimes there are. */
export interface Runtimes {
  readonly names: readonly string[];
  /** The runtime of this name; an unknown one runs as the fallback. */
  find(name: string): Runtime;
  /**
   * How long an agent of this runtime may take to register, in milliseconds.
   * @param declared what templates say, by runtime, in milliseconds; only a longer one counts
   */
  deadlineMs(name: string, declared?: ReadonlyMap<string, number>): number;
}

export interface RuntimeOverrides {
  /** Image of a runtime, instead of the file's: one that was built locally. */
  readonly images?: Readonly<Record<string, string>>;
  /** Where the organisation keeps its images, such as `registry.example.com/team`; the engine's default when left out. */
  readonly registry?: string;
  /** One deadline for every runtime, whatever else is said. */
  readonly provisionTimeoutSeconds?: number;
}

const inRegistry = (image: string, registry?: string): string =>
  image.replace(/^\$\{IMAGE_REGISTRY\}\//, registry ? `${registry.replace(/\/+$/, '')}/` : '');

/** @throws Error that names what is wrong in the file */
export function parseRuntimes(text: string, overrides: RuntimeOverrides = {}): Runtimes {
  const file = RuntimesFile.safeParse(parse(text));
  if (!file.success) throw new Error(`the runtimes file is not usable: ${z.prettifyError(file.error)}`);
  const { runtimes, fallback, provisionTimeoutSeconds } = file.data;
  if (!Object.hasOwn(runtimes, fallback))
    throw new Error(`the runtimes file is not usable: the fallback "${fallback}" is not in it`);
  const known = (name: string): string => (Object.hasOwn(runtimes, name) ? name : fallback);
  return {
    names: Object.keys(runtimes),
    find(name) {
      const found = known(name);
      const { image, limits } = runtimes[found] as (typeof runtimes)[string];
      return {
        name: found,
        image: overrides.images?.[found] ?? inRegistry(image, overrides.registry),
        ...(limits ? { limits } : {}),
      };
    },
    deadlineMs(name, declared) {
      if (overrides.provisionTimeoutSeconds) return overrides.provisionTimeoutSeconds * 1000;
      const own = (runtimes[known(name)]?.provisionTimeoutSeconds ?? provisionTimeoutSeconds) * 1000;
      return Math.max(own, declared?.get(name) ?? 0);
    },
  };
}

export const loadRuntimes = async (file: string, overrides?: RuntimeOverrides): Promise<Runtimes> =>
  parseRuntimes(await readFile(file, 'utf8'), overrides);
