/** Deeper than any card, and far from where a recursive reader of it would break. */
const DEEPEST = 64;

/** Whether a JSON value is nested no deeper than what readers of it can take. Needs no recursion itself. */
export function isShallow(value: unknown): boolean {
  let level: unknown[] = [value];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > DEEPEST) return false;
    level = level.flatMap((entry) => (typeof entry === 'object' && entry !== null ? Object.values(entry) : []));
  }
  return true;
}
