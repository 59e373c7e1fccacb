import type { Caller } from './caller.ts';

/** Longer ones fire at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** Whose revocation ends what was opened with it, as it is announced; null is a credential that is not revoked so. */
export function revokedWith(caller: Caller): string | null {
  if (caller.kind === 'workspace') return caller.workspaceId;
  return caller.kind === 'org' ? 'org' : null;
}

/** Calls when the credential ends by itself; the function it returns is for whoever has no use of that any more. */
export function atExpiry(caller: Caller, ended: () => void): () => void {
  if (caller.kind !== 'org' || caller.expiresAt === null) return () => undefined;
  const end = caller.expiresAt.getTime();
  let timer: NodeJS.Timeout;
  const wait = (): void => {
    const left = end - Date.now();
    timer = setTimeout(left > LONGEST_TIMER_MS ? wait : ended, Math.min(left, LONGEST_TIMER_MS)).unref();
  };
  wait();
  return () => clearTimeout(timer);
}
