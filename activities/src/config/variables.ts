import { z } from 'zod';

/** The longest a timer of Node can wait; a longer one would fire at once. */
const LONGEST_MS = 2_147_483_647;

/** Every variable is one of these: a blank one means the same as none, since compose files and shells cannot tell. */
export const orUnset = <T extends z.ZodType>(schema: T) =>
  z.preprocess((value) => (typeof value === 'string' && value.trim() === '' ? undefined : value), schema);

/** Text for which anything goes. */
export const text = z.string();

export const wholeNumber = (least: number, most: number) => {
  const error = `must be a whole number from ${least} to ${most}`;
  return z.string().regex(/^\d+$/, error).transform(Number).pipe(z.number().min(least, error).max(most, error));
};

export const milliseconds = wholeNumber(1, LONGEST_MS);

/** Says yes or no: never by being set, because "false" and "0" are set as well. */
export const yesOrNo = z.stringbool({ error: 'must be 1 or 0' });

/** Entries between commas, at least one. */
export const list = z
  .string()
  .transform((entries) =>
    entries
      .split(',')
      .map((entry) => entry.trim())
      .filter((entry) => entry !== ''),
  )
  .pipe(z.array(z.string()).min(1, 'must have an entry'));

/** Without the slashes at its end. */
export const webAddress = z
  .url({ protocol: /^https?$/, error: 'must be an http or https URL' })
  .transform((url) => url.replace(/\/+$/, ''));

export const hostAndPort = z
  .string()
  .refine((value) => Number(/^[^\s/]+:(\d{1,5})$/.exec(value)?.[1] ?? Number.NaN) <= 65_535, 'must be host:port');
