const methods = 'GET, POST, PUT, PATCH, DELETE, OPTIONS';
const requestHeaders =
  'Origin, Content-Type, X-Workspace-ID, Authorization, X-Molecule-Org-Slug, X-Molecule-Org-Id, X-Timeout, Idempotency-Key, Last-Event-ID, X-CSRF-Token';
const exposedHeaders =
  'X-RateLimit-Limit, X-RateLimit-Remaining, X-RateLimit-Reset, Retry-After, X-Request-Id, Idempotency-Replayed';

/** What the Origin of a request means. */
export type CorsVerdict = 'notCors' | 'refused' | { readonly allowed: string };

/** Judges an Origin; that of the server itself is none of another site. Refused means the request is not served at all. */
export function judgeOrigin(
  origin: string | undefined,
  host: string | undefined,
  allowed: readonly string[],
): CorsVerdict {
  if (origin === undefined) return 'notCors';
  if (host !== undefined && hostOf(origin) === host.toLowerCase()) return 'notCors';
  const wanted = origin.toLowerCase();
  return allowed.some((entry) => entry.toLowerCase() === wanted) ? { allowed: origin } : 'refused';
}

const hostOf = (origin: string): string | null => (URL.canParse(origin) ? new URL(origin).host : null);

export const corsHeaders = (origin: string): Record<string, string> => ({
  'access-control-allow-origin': origin,
  'access-control-allow-credentials': 'true',
  'access-control-expose-headers': exposedHeaders,
  vary: 'Origin',
});

export const preflightHeaders = (origin: string): Record<string, string> => ({
  ...corsHeaders(origin),
  'access-control-allow-methods': methods,
  'access-control-allow-headers': requestHeaders,
});
