import { InvalidBody } from '../problem/invalid-body.ts';
import { isShallow } from './json-depth.ts';

const trailing = /non-whitespace character after JSON at position (\d+)/;
const suspicious = /\\u0000|\\u[dD][89a-fA-F]/;

/**
 * Reads a JSON body, whatever its Content-Type says. What follows the first JSON value is ignored; half a surrogate pair
 * is replaced, as other JSON readers do. A NUL character, which Postgres cannot keep, is refused; `mend` replaces it.
 * @throws InvalidBody
 */
export function parseBody(raw: string, mend = false): unknown {
  if (raw.trim() === '') return undefined;
  const value = parseFirst(raw);
  if (!isShallow(value)) throw new InvalidBody([{ path: '', says: 'the body is nested too deeply', wrongType: true }]);
  return suspicious.test(raw) ? wellFormed(value, mend) : value;
}

function parseFirst(raw: string): unknown {
  try {
    return JSON.parse(raw);
  } catch (error) {
    const end = trailing.exec((error as Error).message)?.[1];
    if (end === undefined) throw notJson();
    try {
      return JSON.parse(raw.slice(0, Number(end)));
    } catch {
      throw notJson();
    }
  }
}

const notJson = (): InvalidBody => new InvalidBody([{ path: '', says: 'the body is not JSON', wrongType: true }]);

function wellFormed(value: unknown, mend: boolean, path = ''): unknown {
  if (typeof value === 'string') {
    if (mend) return value.toWellFormed().replaceAll('\0', '\uFFFD');
    if (value.includes('\0'))
      throw new InvalidBody([{ path, says: 'must not contain a NUL character', wrongType: true }]);
    return value.toWellFormed();
  }
  if (Array.isArray(value)) return value.map((entry, index) => wellFormed(entry, mend, `${path}/${index}`));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, entry]) => [
    wellFormed(key, mend, path),
    wellFormed(entry, mend, `${path}/${key}`),
  ]);
  return Object.fromEntries(entries) as unknown;
}
