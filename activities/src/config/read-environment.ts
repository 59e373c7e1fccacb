import type { z } from 'zod';

export type Environment = Readonly<Record<string, string | undefined>>;

/** The environment is not what a process needs; `message` lists every mistake, and never a value. */
export class ConfigError extends Error {
  constructor(process: string, mistakes: readonly string[]) {
    super(`The ${process} cannot start:\n${mistakes.map((mistake) => `  ${mistake}`).join('\n')}`);
    this.name = 'ConfigError';
  }
}

/**
 * Reads what a process takes from its environment.
 * @param process its name, for people
 * @throws ConfigError with all mistakes at once
 */
export function readEnvironment<T extends z.ZodType>(
  process: string,
  schema: T,
  environment: Environment,
): z.output<T> {
  const read = schema.safeParse(environment);
  if (read.success) return read.data;
  throw new ConfigError(
    process,
    read.error.issues.map(({ path, message }) => `${String(path[0])} ${message}`),
  );
}
