const REPLACEMENT = '\u{fffd}';

/** Text as Postgres can keep it: NUL and halves of surrogate pairs, which JSON can carry, become U+FFFD. */
export const storableText = (text: string): string => text.toWellFormed().replaceAll('\0', REPLACEMENT);

/** A value as the JSON text that jsonb can keep; see `storableText`. */
export const storableJson = (value: unknown): string =>
  // Works on the finished text, escape by escape, so that depth costs no recursion and keys are covered as well.
  JSON.stringify(value ?? null).replace(/\\(u0000|ud[89a-f][0-9a-f]{2}|.)/g, (escape, body: string) =>
    body.length > 1 ? REPLACEMENT : escape,
  );
