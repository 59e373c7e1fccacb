import { Refusal } from '../failure/refusal.ts';

/** The override of a workspace's model is a secret of this name. */
export const MODEL_KEY = 'MODEL_PROVIDER';

/** What a secret may be called: every name here is one that a shell can export. */
export const secretNamePattern = /^[A-Za-z_][A-Za-z0-9_]{0,127}$/;

/** What the platform itself tells a box, and what decides which code its programs load. */
const reservedNames: ReadonlySet<string> = new Set([
  'AWARENESS_NAMESPACE',
  'AWARENESS_URL',
  'BASH_ENV',
  'ENV',
  'HOME',
  'IFS',
  'MOLECULE_URL',
  'NODE_OPTIONS',
  'NODE_PATH',
  'PARENT_ID',
  'PATH',
  'PLATFORM_URL',
  'PLUGINS_DIR',
  'PYTHONHOME',
  'PYTHONPATH',
  'PYTHONSTARTUP',
  'SHELL',
  'TIER',
  'WORKSPACE_CONFIG_PATH',
  'WORKSPACE_ID',
]);
const reservedPrefixes = ['HOLDFAST_', 'LD_', 'DYLD_'];

/** Names no secret may have: in a box it would win over the platform's own variable. */
export const isReservedName = (key: string): boolean =>
  reservedNames.has(key) || reservedPrefixes.some((prefix) => key.startsWith(prefix));

/** The kernel starts no program with a variable of more than 128 KiB, its name (128 at most), "=" and end included. */
const MOST_VALUE_BYTES = 131_072 - 128 - 2;

/**
 * Refuses a secret that could never reach a box as its owner meant it.
 * @throws Refusal INVALID_REQUEST; the text never holds the value
 */
export function checkSecret(key: string, value: string): void {
  checkSecretName(key);
  if (value === '') throw new Refusal('INVALID_REQUEST', 'invalid request body');
  checkSecretValue(value);
}

/** @throws Refusal INVALID_REQUEST for a name that no box could take, or that is the platform's */
export function checkSecretName(key: string): void {
  if (!secretNamePattern.test(key)) {
    throw new Refusal(
      'INVALID_REQUEST',
      'invalid secret key: use 1 to 128 letters, digits and underscores, no digit first',
    );
  }
  if (isReservedName(key)) throw new Refusal('INVALID_REQUEST', `secret key "${key}" is reserved by the platform`);
}

/** @throws Refusal INVALID_REQUEST for a value that an environment variable cannot hold unchanged */
export function checkSecretValue(value: string): void {
  if (value.includes('\0') || !value.isWellFormed()) throw new Refusal('INVALID_REQUEST', 'invalid request body');
  if (Buffer.byteLength(value) > MOST_VALUE_BYTES) {
    throw new Refusal('INVALID_REQUEST', `secret value too long (max ${MOST_VALUE_BYTES} bytes)`);
  }
}
