/** Shorter values would blank out ordinary words. */
const SHORTEST = 6;

/** A text for the log without any of these values, wherever it came from. */
export function redact(text: string, secrets: Iterable<string>): string {
  let clean = text;
  for (const secret of secrets) if (secret.length >= SHORTEST) clean = clean.replaceAll(secret, '[redacted]');
  return clean;
}
