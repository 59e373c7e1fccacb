import {
  type ControlPlane,
  type ControlPlaneAnswer,
  type ControlPlaneRequest,
} from '../../control-plane/control-plane.ts';
import { CodedFailure } from '../../control-plane/wire.ts';
import { BackendError, type BackendProblem } from '../backend-error.ts';

/** Kinds of failure that a control plane names, where its status alone would say less. */
const byCode: Readonly<Record<string, BackendProblem>> = {
  BOX_GONE: 'stopped',
  THROTTLED: 'failed',
  NO_CAPACITY: 'failed',
  DATABASE_UNAVAILABLE: 'failed',
};

/** What kept a machine from being made, for who asked for it. */
const reasons: Readonly<Record<string, string>> = {
  QUOTA_EXCEEDED: 'the account at the cloud may hold no more machines',
  NO_CAPACITY: 'the cloud has no machine of this kind left',
  THROTTLED: 'the cloud takes no more requests for now',
  UNSUPPORTED: 'the cloud has no such machine, disk or display',
  PROVIDER_NOT_CONFIGURED: 'the control plane has no account at that cloud',
  PROVIDER_REFUSED: 'the cloud refused it',
  PROVIDER_DENIED: 'the cloud does not accept the credential of the control plane',
  PROVIDER_UNAVAILABLE: 'the cloud did not answer',
};

/**
 * What an answer that is a failure means.
 * @param unclear what a failure counts as after which nobody can say whether it was done
 */
export function problemOf(call: string, answer: ControlPlaneAnswer, unclear: BackendProblem): BackendError {
  const { status, says } = answer;
  const detail = `control plane: ${call} answered ${status}: ${says}`;
  const code = codeOf(answer) ?? '';
  const reason = Object.hasOwn(reasons, code) ? `${reasons[code]} (${code})` : undefined;
  return new BackendError(problem(answer, unclear), detail, undefined, reason);
}

function problem(answer: ControlPlaneAnswer, unclear: BackendProblem): BackendProblem {
  const { status } = answer;
  const named = byCode[codeOf(answer) ?? ''];
  if (named) return named;
  if (status === 401 || status === 403) return 'denied';
  if (status === 501) return 'refused';
  if (status === 408 || status < 400 || status >= 500) return unclear;
  return status === 429 ? 'failed' : 'refused';
}

export function codeOf({ body }: ControlPlaneAnswer): string | undefined {
  const read = CodedFailure.safeParse(body);
  return read.success ? read.data.code : undefined;
}

/** Asks, and says of silence what the port calls it. @throws BackendError unreachable */
export async function asking(controlPlane: ControlPlane, request: ControlPlaneRequest): Promise<ControlPlaneAnswer> {
  try {
    return await controlPlane.ask(request);
  } catch (error) {
    throw new BackendError('unreachable', String(error), error);
  }
}

export const isSuccess = ({ status }: ControlPlaneAnswer): boolean => status >= 200 && status < 300;
