import path from 'node:path';
import { StartFailure } from '../failure.ts';
import { root } from '../root.ts';

const backends = ['auto', 'docker', 'process', 'none'] as const;
export type BackendChoice = (typeof backends)[number];

/** What the launcher itself takes from the environment; everything else is passed on to what it starts. */
export interface LauncherConfig {
  /** Absolute: where all that is kept between runs is. */
  readonly data: string;
  readonly databaseUrl: string | undefined;
  readonly temporalAddress: string | undefined;
  /** The API's port, when it must be this one. */
  readonly port: number | undefined;
  readonly backend: BackendChoice;
  readonly listen: string | undefined;
  readonly platformUrl: string | undefined;
  readonly adminToken: string | undefined;
  readonly encryptionKey: string | undefined;
  readonly owner: string | undefined;
  /** The Docker network boxes are put into. */
  readonly network: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** @throws StartFailure for a value that cannot be used */
export function readConfig(environment: Environment = process.env): LauncherConfig {
  const of = (name: string): string | undefined => environment[name]?.trim() || undefined;
  return {
    data: path.resolve(root, of('HOLDFAST_DATA_DIR') ?? '.data'),
    databaseUrl: of('DATABASE_URL'),
    temporalAddress: of('TEMPORAL_ADDRESS'),
    port: portOf(of('PORT')),
    backend: backendOf(of('BACKEND')),
    listen: of('HOLDFAST_LISTEN'),
    platformUrl: of('PLATFORM_URL'),
    adminToken: of('ADMIN_TOKEN'),
    encryptionKey: of('SECRETS_ENCRYPTION_KEY'),
    owner: of('HOLDFAST_OWNER'),
    network: of('HOLDFAST_NETWORK') ?? 'molecule-monorepo-net',
  };
}

function portOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const port = Number(text);
  if (Number.isInteger(port) && port > 0 && port < 65_536) return port;
  throw new StartFailure(`PORT is "${text}": set it to a number from 1 to 65535, or leave it out for a free one.`);
}

function backendOf(text = 'auto'): BackendChoice {
  const choice = backends.find((candidate) => candidate === text);
  if (choice === undefined) throw new StartFailure(`BACKEND is "${text}": set it to one of ${backends.join(', ')}.`);
  return choice;
}
