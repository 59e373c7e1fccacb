import type { FailureCode } from '../../failure/failures.ts';
import { Refusal } from '../../failure/refusal.ts';

const named: Readonly<Record<string, FailureCode>> = {
  RequestLimitExceeded: 'THROTTLED',
  Throttling: 'THROTTLED',
  ThrottlingException: 'THROTTLED',
  RequestThrottled: 'THROTTLED',
  InsufficientInstanceCapacity: 'NO_CAPACITY',
  InsufficientHostCapacity: 'NO_CAPACITY',
  InsufficientReservedInstanceCapacity: 'NO_CAPACITY',
  InsufficientCapacity: 'NO_CAPACITY',
  InsufficientVolumeCapacity: 'NO_CAPACITY',
  InsufficientFreeAddressesInSubnet: 'QUOTA_EXCEEDED',
  InstanceLimitExceeded: 'QUOTA_EXCEEDED',
  VcpuLimitExceeded: 'QUOTA_EXCEEDED',
  VolumeLimitExceeded: 'QUOTA_EXCEEDED',
  MaxSpotInstanceCountExceeded: 'QUOTA_EXCEEDED',
  AuthFailure: 'PROVIDER_DENIED',
  UnauthorizedOperation: 'PROVIDER_DENIED',
  OptInRequired: 'PROVIDER_DENIED',
  Blocked: 'PROVIDER_DENIED',
  InvalidClientTokenId: 'PROVIDER_DENIED',
  SignatureDoesNotMatch: 'PROVIDER_DENIED',
  ExpiredToken: 'PROVIDER_DENIED',
  RequestExpired: 'PROVIDER_DENIED',
  CredentialsProviderError: 'PROVIDER_DENIED',
  Unsupported: 'PROVIDER_REFUSED',
  IdempotentInstanceTerminated: 'BOX_GONE',
  IdempotentParameterMismatch: 'BOX_MISMATCH',
};

interface AwsError {
  readonly name?: string;
  readonly $metadata?: { readonly httpStatusCode?: number };
}

/** The name EC2 gave its answer; undefined for what is no answer at all. */
export const awsErrorName = (error: unknown): string | undefined => (error as AwsError | null)?.name;

/** EC2's error in our words. Only its name is told: its text may hold what was sent. */
export function awsRefusal(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  const { name = '', $metadata } = error as AwsError;
  const code = named[name];
  if (code) return new Refusal(code, `aws: ${name}`, { cause: error });
  const status = $metadata?.httpStatusCode ?? 0;
  // A refusal has its status; anything else leaves open what has become of the request.
  if (status >= 400 && status < 500) return new Refusal('PROVIDER_REFUSED', `aws: ${name}`, { cause: error });
  return new Refusal('PROVIDER_UNAVAILABLE', 'aws did not answer', { cause: error });
}
