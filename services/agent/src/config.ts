import os from 'node:os';
import path from 'node:path';

/** What the agent is told by its box. */
export interface AgentConfig {
  readonly workspaceId: string;
  /** Directory with config.yaml and the credential files. */
  readonly configPath: string;
  readonly platformUrl: URL;
  /** Address to listen on; port 0 takes a free one. */
  readonly host: string;
  readonly port: number;
  /** The address to register; left out, it is made of host and port. */
  readonly url?: string;
  /** File to write the address into as soon as the agent listens. */
  readonly urlFile?: string;
  /** Proves who we are until the first register has brought a token. */
  readonly nonce?: string;
  readonly beatMs: number;
  readonly role: string;
}

interface VariableText {
  readonly says: string;
  readonly unset?: string;
  readonly needed?: true;
}

/** Every variable the agent reads: what it means, and what counts unless it is set. */
export const agentVariables = {
  WORKSPACE_ID: { says: 'The workspace this agent is of.', needed: true },
  PLATFORM_URL: { says: 'Address of the gateway.', needed: true },
  MOLECULE_URL: { says: 'The older name of PLATFORM_URL, which wins over it.' },
  WORKSPACE_CONFIG_PATH: { says: 'Folder of config.yaml and of the credential files.', unset: '/configs' },
  HOLDFAST_NONCE: { says: 'Proves the box until its first register has brought a token.' },
  AGENT_HOST: { says: 'Address to listen on.', unset: '0.0.0.0' },
  AGENT_PORT: { says: 'Port to listen on; 0 takes a free one.', unset: '8000' },
  AGENT_URL: { says: 'Address to register; left out, it is made of host and port.' },
  HOLDFAST_URL_FILE: { says: 'File to write that address into once the agent listens.' },
  HOLDFAST_BEAT_SECONDS: { says: 'Seconds between two heartbeats.', unset: '30' },
  MOLECULE_AGENT_ROLE: { says: 'What the agent is for; shown on its card.' },
} satisfies Readonly<Record<string, VariableText>>;

type Variable = keyof typeof agentVariables;

/** @throws Error listing every variable that is missing or wrong */
export function readConfig(env: Readonly<Record<string, string | undefined>> = process.env): AgentConfig {
  const wrong: string[] = [];
  const text = (name: Variable): string | undefined => {
    const { unset }: VariableText = agentVariables[name];
    return env[name]?.trim() || unset;
  };
  const required = (name: Variable): string => text(name) ?? (wrong.push(`${name} is not set`), '');
  const number = (name: Variable, least: number, most: number, kind: 'number' | 'whole number' = 'number'): number => {
    const value = Number(text(name));
    const fits = value >= least && value <= most && (kind === 'number' || Number.isInteger(value));
    if (!fits) wrong.push(`${name} must be a ${kind} from ${least} to ${most}`);
    return value;
  };
  const workspaceId = required('WORKSPACE_ID');
  const platform = text('PLATFORM_URL') ?? text('MOLECULE_URL') ?? '';
  if (!isHttp(platform)) wrong.push('PLATFORM_URL must be an http or https address');
  const port = number('AGENT_PORT', 0, 65_535, 'whole number');
  const beatSeconds = number('HOLDFAST_BEAT_SECONDS', 0.01, 3_600);
  if (wrong.length > 0) throw new Error(wrong.join('; '));
  const url = text('AGENT_URL');
  const urlFile = text('HOLDFAST_URL_FILE');
  const nonce = text('HOLDFAST_NONCE');
  return {
    workspaceId,
    configPath: path.resolve(required('WORKSPACE_CONFIG_PATH')),
    platformUrl: new URL(platform),
    host: required('AGENT_HOST'),
    port,
    ...(url ? { url } : {}),
    ...(urlFile ? { urlFile } : {}),
    ...(nonce ? { nonce } : {}),
    beatMs: beatSeconds * 1000,
    role: text('MOLECULE_AGENT_ROLE') ?? '',
  };
}

const isHttp = (value: string): boolean => URL.canParse(value) && /^https?:$/.test(new URL(value).protocol);

/** The address others reach this agent at. */
export function ownUrl(config: AgentConfig, port: number): string {
  if (config.url) return config.url;
  const anywhere = config.host === '0.0.0.0' || config.host === '::';
  return `http://${anywhere ? os.hostname() : config.host}:${port}`;
}
