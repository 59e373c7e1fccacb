import { z } from 'zod';
import type { FailureCode } from '../../failure/failures.ts';
import { Refusal } from '../../failure/refusal.ts';

const codes: Readonly<Record<string, FailureCode>> = {
  rate_limit_exceeded: 'THROTTLED',
  resource_unavailable: 'NO_CAPACITY',
  placement_error: 'NO_CAPACITY',
  resource_limit_exceeded: 'QUOTA_EXCEEDED',
  unauthorized: 'PROVIDER_DENIED',
  forbidden: 'PROVIDER_DENIED',
  token_readonly: 'PROVIDER_DENIED',
  maintenance: 'PROVIDER_UNAVAILABLE',
  service_error: 'PROVIDER_UNAVAILABLE',
  server_error: 'PROVIDER_UNAVAILABLE',
  timeout: 'PROVIDER_UNAVAILABLE',
  unavailable: 'PROVIDER_UNAVAILABLE',
  // Another action works on the same server; it ends.
  locked: 'PROVIDER_UNAVAILABLE',
  conflict: 'PROVIDER_UNAVAILABLE',
};

const ErrorBody = z.object({ error: z.object({ code: z.string() }) });

/** The code of Hetzner's error; undefined for an answer that is none of its own. */
export const hetznerErrorCode = (body: unknown): string | undefined => ErrorBody.safeParse(body).data?.error.code;

/** Hetzner's error in our words; its message may repeat what was sent. */
export function hetznerRefusal(status: number, body: unknown): Refusal {
  const code = hetznerErrorCode(body);
  const fallback: FailureCode = status >= 400 && status < 500 ? 'PROVIDER_REFUSED' : 'PROVIDER_UNAVAILABLE';
  return new Refusal(codes[code ?? ''] ?? fallback, `hetzner: ${code ?? `status ${status}`}`);
}
