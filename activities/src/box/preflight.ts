import { parse } from 'yaml';
import { z } from 'zod';

const Config = z.object({
  runtime_config: z.object({ required_env: z.array(z.unknown()).catch([]) }).catch({ required_env: [] }),
});

/**
 * The variables a configuration requires and the environment lacks; an empty one lacks as well. Null when the
 * configuration cannot be read: the agent will say more about that than we can.
 */
export function missingVariables(configYaml: string, env: ReadonlyMap<string, string>): string[] | null {
  let parsed: unknown;
  try {
    parsed = parse(configYaml);
  } catch {
    return null;
  }
  const config = Config.safeParse(parsed);
  const required = config.success ? config.data.runtime_config.required_env : [];
  return [...new Set(required.filter((name) => typeof name === 'string' && name !== ''))].filter(
    (name) => !env.get(name as string),
  ) as string[];
}

/** What people are told about missing variables; the wording is the wire contract's. */
export const missingText = (missing: readonly string[]): string =>
  missing.length === 1
    ? `missing required env var "${missing[0]}" — add it under Config → Env Vars (or as a Global secret) and retry`
    : `missing required env vars ${missing.join(', ')} — add them under Config → Env Vars (or as Global secrets) and retry`;
