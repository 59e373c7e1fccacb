import path from 'node:path';
import { type CliEnvironment, gatewayUrl } from '../config.ts';
import { usage } from '../failure/failure.ts';
import { findCheckout, installationIn } from './checkout.ts';
import { readConfigFile, usualConfigPath } from './config-file.ts';
import { readTokenFile } from './token-file.ts';

/** A value and who said it. */
export interface Setting {
  readonly value: string;
  /** For people: a flag, a variable, a file. */
  readonly from: string;
  /** The file it stands in. */
  readonly file?: string;
}

export interface Settings {
  readonly url: Setting;
  readonly token: Setting | null;
  readonly orgId: Setting | null;
}

/** The flags that say where the gateway is and who asks. */
export interface SettingFlags {
  readonly gateway?: string | undefined;
  readonly tokenFile?: string | undefined;
  readonly orgId?: string | undefined;
  readonly config?: string | undefined;
}

const NOWHERE_SAID = 'http://127.0.0.1:8080';

/**
 * Where the gateway is and who asks: flags, then variables, then the configuration file, then what the launcher of this
 * checkout wrote, then the default address. A credential that was written down next to an address is sent to no other.
 * @param places folders in which a checkout is looked for, the nearest first
 * @throws Failure when one of the sources cannot be read
 */
export function resolveSettings(flags: SettingFlags, variables: CliEnvironment, places: readonly string[]): Settings {
  const configPath = flags.config ?? variables.HOLDFAST_CONFIG ?? usualConfigPath(variables.XDG_CONFIG_HOME);
  const file = readConfigFile(configPath, flags.config !== undefined || variables.HOLDFAST_CONFIG !== undefined);
  const { HOLDFAST_DATA_DIR: data } = variables;
  // The launcher takes it from its checkout on, which is the last place.
  const checkout = data === undefined ? findCheckout(places) : installationIn(path.resolve(places.at(-1) ?? '', data));
  const url = first(
    setting(flags.gateway === undefined ? undefined : checkedUrl(flags.gateway), '--gateway'),
    setting(variables.HOLDFAST_URL, 'HOLDFAST_URL'),
    setting(file.url, configPath),
    setting(checkout?.url, 'the launcher'),
  ) ?? { value: NOWHERE_SAID, from: 'the default' };
  const fileCounts = file.url === undefined || file.url === url.value;
  const token = first(
    fromFile(flags.tokenFile, '--token-file'),
    setting(variables.HOLDFAST_TOKEN?.trim(), 'HOLDFAST_TOKEN'),
    fromFile(variables.HOLDFAST_TOKEN_FILE, 'HOLDFAST_TOKEN_FILE'),
    fileCounts && file.token !== undefined ? { value: file.token, from: configPath, file: configPath } : null,
    fileCounts ? fromFile(file.token_file, configPath) : null,
    checkout && checkout.url === url.value ? fromFile(checkout.tokenFile, 'the launcher') : null,
  );
  const orgId = first(
    setting(flags.orgId, '--org-id'),
    setting(variables.HOLDFAST_ORG_ID, 'HOLDFAST_ORG_ID'),
    setting(file.org_id, configPath),
  );
  if (token && !/^[\x21-\x7E]+$/.test(token.value)) {
    throw usage(`The credential of ${token.from} has characters that no token has.`);
  }
  return { url, token, orgId };
}

const setting = (value: string | undefined, from: string): Setting | null =>
  value === undefined ? null : { value, from };
const fromFile = (file: string | undefined, from: string): Setting | null =>
  file === undefined ? null : { value: readTokenFile(file), from, file };
const first = (...found: readonly (Setting | null)[]): Setting | null => found.find((one) => one !== null) ?? null;

function checkedUrl(text: string): string {
  const read = gatewayUrl.safeParse(text);
  if (!read.success) throw usage(`--gateway ${read.error.issues[0]?.message}.`);
  return read.data;
}
