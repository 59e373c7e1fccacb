import { printable } from '../terminal/text.ts';
import type { OperationView } from './state-style.ts';

/** Why it was asked for, where that says more than its kind does. */
export const reasonOf = ({ reason, kind }: OperationView): string | undefined =>
  reason === null || reason === kind || (kind === 'provision' && reason === 'create') ? undefined : printable(reason);
