import { printable } from './text.ts';

/** Small facts on one line: "template researcher, reset". What says nothing is left out. */
export const facts = (of: Readonly<Record<string, unknown>>): string =>
  Object.entries(of)
    .flatMap(([name, value]) => {
      const text = textOf(value);
      return text === '' ? [] : printable(value === true ? name : `${name} ${text}`);
    })
    .join(', ');

function textOf(value: unknown): string {
  if (value === null || value === false) return '';
  if (Array.isArray(value)) return value.map(textOf).join(' ');
  return typeof value === 'string' ? value : JSON.stringify(value);
}
