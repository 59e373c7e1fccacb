import { stringify } from 'yaml';

export interface DefaultConfigFacts {
  readonly name: string;
  readonly role: string | null;
  readonly tier: number;
  /** One of the runtimes there are. */
  readonly runtime: string;
  readonly model: string | null;
}

/** Runtimes that set their own limits; every other is told to have none. */
const ownTimeout: ReadonlySet<string> = new Set(['langgraph', 'deepagents']);

/** The config.yaml of a workspace without a template. Every text is quoted: none can become structure. */
export function defaultConfig({ name, role, tier, runtime, model }: DefaultConfigFacts): string {
  const config = {
    name,
    description: role ?? '',
    version: '1.0.0',
    tier,
    runtime,
    model: model || (runtime === 'claude-code' ? 'sonnet' : 'anthropic:claude-opus-4-7'),
    ...(ownTimeout.has(runtime) ? {} : { runtime_config: { timeout: 0 } }),
  };
  return stringify(config, { defaultStringType: 'QUOTE_DOUBLE', defaultKeyType: 'PLAIN', lineWidth: 0 });
}
