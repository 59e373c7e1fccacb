/** A memory a new workspace starts with. */
export interface Memory {
  readonly scope: string;
  readonly content: string;
}

const scopes = ['LOCAL', 'TEAM', 'GLOBAL'];
const LONGEST_BYTES = 100_000;

/** What credentials look like: keys of well-known providers, private keys, bearers. */
const credentials = [
  /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g,
  /\b(?:sk|pk|rk)-[A-Za-z0-9_-]{16,}/g,
  /\b(?:gh[pousr]_[A-Za-z0-9]{20,}|github_pat_[A-Za-z0-9_]{20,})/g,
  /\bAKIA[0-9A-Z]{16}\b/g,
  /\bxox[abprs]-[A-Za-z0-9-]{10,}/g,
  /\bAIza[0-9A-Za-z_-]{35}/g,
  /\bBearer\s+[A-Za-z0-9._~+/-]{16,}=*/g,
];

/**
 * The memories as they are kept: unknown scopes are left out, long texts cut, and what looks like a credential, or is
 * one of the secrets given with the workspace, is blacked out. A memory is readable by the agent and by operators.
 */
export function initialMemories(
  given: readonly { content: string; scope: string | undefined }[],
  secrets: Readonly<Record<string, string>>,
): Memory[] {
  const values = Object.values(secrets).filter((value) => value.length >= 8);
  return given
    .map(({ content, scope }) => ({ scope: (scope || 'LOCAL').toUpperCase(), content }))
    .filter(({ scope, content }) => scopes.includes(scope) && content !== '')
    .map(({ scope, content }) => ({ scope, content: cut(redact(content, values)) }));
}

function redact(text: string, values: readonly string[]): string {
  const known = values.reduce((rest, value) => rest.replaceAll(value, '[REDACTED]'), text);
  return credentials.reduce((rest, pattern) => rest.replace(pattern, '[REDACTED]'), known);
}

/** Cuts at a whole character. */
function cut(text: string): string {
  const bytes = Buffer.from(text);
  return bytes.length <= LONGEST_BYTES
    ? text
    : bytes
        .subarray(0, LONGEST_BYTES)
        .toString('utf8')
        .replace(/\uFFFD+$/, '');
}
