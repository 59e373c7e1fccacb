import type { Paint } from '../terminal/paint.ts';

/** Said beside a new token. */
export const shownOnce = 'Keep it now: it is shown this once.';

export const revokedLine = (id: string, paint: Paint): string => `${paint('green', 'revoked')}  ${id}`;
