import { Api } from '../api/api.ts';
import type { Timing } from '../api/transport.ts';
import { readConfig } from '../config.ts';
import { usage } from '../failure/failure.ts';
import { resolveSettings, type SettingFlags, type Settings } from '../settings/settings.ts';
import { type Mode, Output } from '../terminal/output.ts';
import type { Prompt } from '../terminal/prompt.ts';
import type { Terminal } from '../terminal/terminal.ts';

/** What the program runs in. */
export interface World {
  readonly terminal: Terminal;
  readonly prompt: Prompt;
  readonly variables: Readonly<Record<string, string | undefined>>;
  /** Folders in which a checkout is looked for, the nearest first. */
  readonly places: readonly string[];
  /** Aborts on Ctrl-C. */
  readonly signal: AbortSignal;
  readonly timing: Timing;
  readonly version: string;
}

/** The options every command has. */
export interface CommonFlags extends SettingFlags {
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/** What one command works with. */
export interface Session {
  readonly world: World;
  readonly terminal: Terminal;
  readonly output: Output;
  readonly settings: Settings;
  readonly api: Api;
}

const modeOf = ({ json, quiet }: CommonFlags): Mode => (json ? 'json' : quiet ? 'quiet' : 'people');

/** @throws Failure when the settings cannot be read */
export function openSession(world: World, flags: CommonFlags): Session {
  const output = new Output(world.terminal, modeOf(flags));
  const settings = resolveSettings(flags, checkedVariables(world), world.places);
  let told = '';
  const api = new Api({
    url: settings.url.value,
    token: settings.token?.value ?? null,
    orgId: settings.orgId?.value ?? null,
    signal: world.signal,
    timing: world.timing,
    onRetry: (why) => {
      if (why !== told) output.note(`${why}; trying again…`);
      told = why;
    },
  });
  return { world, terminal: world.terminal, output, settings, api };
}

function checkedVariables({ variables }: World) {
  try {
    return readConfig(variables);
  } catch (error) {
    throw usage(`The environment is not valid: ${(error as Error).message}.`);
  }
}
