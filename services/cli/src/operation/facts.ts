import { printable } from '../terminal/text.ts';
import type { OperationView } from './state-style.ts';

/** Small facts on one line: "template researcher, reset". Empty when there are none. */
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

/** Why it was asked for, where that says more than its kind does. */
export const reasonOf = ({ reason, kind }: OperationView): string | undefined =>
  reason === null || reason === kind || (kind === 'provision' && reason === 'create') ? undefined : printable(reason);
