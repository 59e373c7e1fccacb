import { z } from 'zod';
import type { FailureCode } from '../../failure/failures.ts';
import { Refusal } from '../../failure/refusal.ts';

/** By the reason of a refused request, and by the code of an operation that failed. */
const codes: Readonly<Record<string, FailureCode>> = {
  rateLimitExceeded: 'THROTTLED',
  userRateLimitExceeded: 'THROTTLED',
  RATE_LIMIT_EXCEEDED: 'THROTTLED',
  ZONE_RESOURCE_POOL_EXHAUSTED: 'NO_CAPACITY',
  ZONE_RESOURCE_POOL_EXHAUSTED_WITH_DETAILS: 'NO_CAPACITY',
  resourcePoolExhausted: 'NO_CAPACITY',
  STOCKOUT: 'NO_CAPACITY',
  quotaExceeded: 'QUOTA_EXCEEDED',
  QUOTA_EXCEEDED: 'QUOTA_EXCEEDED',
  authError: 'PROVIDER_DENIED',
  required: 'PROVIDER_DENIED',
  forbidden: 'PROVIDER_DENIED',
  insufficientPermissions: 'PROVIDER_DENIED',
  accessNotConfigured: 'PROVIDER_DENIED',
  PERMISSIONS_ERROR: 'PROVIDER_DENIED',
  backendError: 'PROVIDER_UNAVAILABLE',
  internalError: 'PROVIDER_UNAVAILABLE',
  resourceNotReady: 'PROVIDER_UNAVAILABLE',
  resourceInUseByAnotherResource: 'PROVIDER_UNAVAILABLE',
  INTERNAL_ERROR: 'PROVIDER_UNAVAILABLE',
};

const ErrorBody = z.object({
  error: z.object({ errors: z.array(z.object({ reason: z.string().optional() })).default([]) }),
});

/** The reason Google gives; undefined when it gives none. */
export const gcpReason = (body: unknown): string | undefined => ErrorBody.safeParse(body).data?.error.errors[0]?.reason;

/** An answer of Google in our words; its message may repeat what was sent. */
export function gcpRefusal(status: number, body: unknown): Refusal {
  return named(gcpReason(body), status);
}

/** The same for an operation that was accepted and failed. */
export const gcpOperationRefusal = (code: string | undefined): Refusal => named(code, 400);

function named(reason: string | undefined, status: number): Refusal {
  const byStatus: FailureCode =
    status === 429
      ? 'THROTTLED'
      : status === 401
        ? 'PROVIDER_DENIED'
        : status >= 400 && status < 500
          ? 'PROVIDER_REFUSED'
          : 'PROVIDER_UNAVAILABLE';
  return new Refusal(codes[reason ?? ''] ?? byStatus, `gcp: ${reason ?? `status ${status}`}`);
}
