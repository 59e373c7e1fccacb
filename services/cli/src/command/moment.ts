import { InvalidArgumentError } from 'commander';
import { parseDuration } from '../terminal/time.ts';

const day = /^\d{4}-\d{2}-\d{2}$/;

/** Midnight of this day where the reader is. */
export function today(now = new Date()): string {
  return new Date(now.getFullYear(), now.getMonth(), now.getDate()).toISOString();
}

/**
 * A moment as RFC 3339: of one that is written so, of a day (its beginning where the reader is), of "today", or of so
 * long ago, such as 2h.
 */
export function momentValue(text: string): string {
  if (text === 'today') return today();
  const ago = /^\d+$/.test(text) ? undefined : parseDuration(text);
  if (ago !== undefined) return new Date(Date.now() - ago).toISOString();
  const at = Date.parse(day.test(text) ? `${text}T00:00:00` : text);
  if (Number.isNaN(at) || !/^\d{4}-/.test(text))
    throw new InvalidArgumentError('Write it as 2h, today, 2026-01-31 or 2026-01-31T08:00:00Z.');
  return new Date(at).toISOString();
}
