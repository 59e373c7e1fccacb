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

/**
 * What an answer that is a failure means.
 * @param unclear what a failure counts as after which nobody can say whether it was done
 */
export function problemOf(call: string, answer: ControlPlaneAnswer, unclear: BackendProblem): BackendError {
  const { status, says } = answer;
  return new BackendError(problem(answer, unclear), `control plane: ${call} answered ${status}: ${says}`);
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
