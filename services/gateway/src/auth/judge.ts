import type { Tier } from '../policy/policy.ts';
import { type Caller, isOperator } from './caller.ts';

/** What is known of a request when its tier is judged. */
export interface Claim {
  readonly caller: Caller;
  /** Whether a bearer was sent at all, valid or not. */
  readonly bearer: boolean;
  /** The workspace in the path; null when the route has none. */
  readonly workspaceId: string | null;
}

/** `pass`, or why not; `askPeers` leaves the answer to the hierarchy. */
export type Verdict = 'pass' | 'askPeers' | { readonly refusal: string };

const pass = 'pass' as const;

/** Decides who may call a route: the tables of the wire contract with their hardened outcomes, without any I/O. */
export function judge(tier: Tier, claim: Claim): Verdict {
  switch (tier) {
    case 'none':
    case 'self':
      return pass;
    case 'admin':
    case 'metrics':
      if (isOperator(claim.caller)) return pass;
      return { refusal: claim.bearer ? 'invalid admin auth token' : 'admin auth required' };
    case 'credential':
      return claim.caller.kind === 'anonymous' ? refused(claim) : pass;
    case 'workspace':
      return isOperator(claim.caller) || isOwn(claim) ? pass : refused(claim);
    case 'peer':
      if (isOperator(claim.caller) || isOwn(claim)) return pass;
      return claim.caller.kind === 'workspace' ? 'askPeers' : refused(claim);
    case 'own':
      return isOwn(claim) ? pass : refused(claim);
  }
}

const isOwn = ({ caller, workspaceId }: Claim): boolean =>
  caller.kind === 'workspace' && caller.workspaceId === workspaceId;

function refused(claim: Claim): Verdict {
  if (claim.workspaceId === '') return { refusal: 'missing workspace ID' };
  return { refusal: claim.bearer ? 'invalid workspace auth token' : 'missing workspace auth token' };
}
