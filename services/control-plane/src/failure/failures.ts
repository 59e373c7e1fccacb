/** What can go wrong, what it is answered with, and whether the same request may succeed later. */
export const failures = {
  INVALID_REQUEST: { status: 400, retryable: false, says: 'The request is not what this route takes.' },
  UNAUTHORIZED: { status: 401, retryable: false, says: 'The credential is missing or is no organisation’s.' },
  NOT_FOUND: { status: 404, retryable: false, says: 'There is nothing here.' },
  BOX_MISMATCH: { status: 409, retryable: false, says: 'The box id stands for another box already.' },
  BOX_GONE: { status: 409, retryable: false, says: 'The box was terminated; a box id is never used again.' },
  QUOTA_EXCEEDED: { status: 409, retryable: false, says: 'The cloud account may hold no more of this.' },
  TOO_LARGE: { status: 413, retryable: false, says: 'The request is too large.' },
  PROVIDER_NOT_CONFIGURED: { status: 422, retryable: false, says: 'This control plane has no account at that cloud.' },
  UNSUPPORTED: { status: 422, retryable: false, says: 'The cloud cannot do what was asked for.' },
  PROVIDER_REFUSED: { status: 422, retryable: false, says: 'The cloud refused the request.' },
  INTERNAL: { status: 500, retryable: false, says: 'Something went wrong that should not have.' },
  CONSOLE_UNSUPPORTED: { status: 501, retryable: false, says: 'The cloud does not give out the console of a machine.' },
  PROVIDER_DENIED: { status: 502, retryable: false, says: 'The cloud does not accept the control plane’s credential.' },
  PROVIDER_UNAVAILABLE: { status: 502, retryable: true, says: 'The cloud did not answer, or not with sense.' },
  THROTTLED: { status: 503, retryable: true, says: 'The cloud takes no more requests for now.' },
  NO_CAPACITY: { status: 503, retryable: true, says: 'The cloud has no machine of this kind left for now.' },
  DATABASE_UNAVAILABLE: { status: 503, retryable: true, says: 'The control plane cannot reach its database.' },
} as const satisfies Readonly<Record<string, { status: number; retryable: boolean; says: string }>>;

export type FailureCode = keyof typeof failures;
