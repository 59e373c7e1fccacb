import { InvalidArgumentError } from 'commander';
import { parseDuration } from '../terminal/time.ts';

// Parsers of option values. Commander prints what they throw after the name of the option.

/** Milliseconds of "90s", "10m" or a number of seconds. */
export function durationValue(text: string): number {
  const ms = parseDuration(text);
  if (ms === undefined || ms <= 0) throw new InvalidArgumentError('Write it as 90s, 10m or 1h.');
  return ms;
}

export const wholeValue =
  (least: number, most = Number.MAX_SAFE_INTEGER) =>
  (text: string): number => {
    const number = /^-?\d+$/.test(text) ? Number(text) : Number.NaN;
    if (!(number >= least && number <= most)) {
      throw new InvalidArgumentError(
        most === Number.MAX_SAFE_INTEGER
          ? `It must be a whole number from ${least}.`
          : `It must be a whole number from ${least} to ${most}.`,
      );
    }
    return number;
  };

/** US cents of an amount in dollars such as "20" or "12.50". */
export function centsValue(text: string): number {
  if (!/^\d{1,12}(\.\d{1,2})?$/.test(text)) throw new InvalidArgumentError('Write it in dollars, as 20 or 12.50.');
  return Math.round(Number(text) * 100);
}

export function jsonObjectValue(text: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new InvalidArgumentError('It is no JSON.');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new InvalidArgumentError('It must be a JSON object.');
  return value as Record<string, unknown>;
}

/** One of a set, for options that may be given several times or with commas. */
export const listOf =
  <T extends string>(choices: readonly T[]) =>
  (text: string, previous: readonly T[] = []): readonly T[] => {
    const wanted = text.split(',').map((one) => one.trim());
    const unknown = wanted.find((one) => !choices.includes(one as T));
    if (unknown !== undefined) throw new InvalidArgumentError(`Allowed are ${choices.join(', ')}.`);
    return [...previous, ...(wanted as T[])];
  };

/** Gathers an option that may be given several times. */
export const gathered = (text: string, previous: readonly string[] = []): readonly string[] => [...previous, text];
