import type { EventType } from '@holdfast/workflows/event/events';
import type { TransitionName } from '@holdfast/workflows/workspace/lifecycle';
import type { WorkspaceStatus } from '@holdfast/workflows/workspace/status';

/** What a beat says about the agent's health. */
export interface Health {
  readonly errorRate: number;
  readonly sampleError: string;
  /** `wedged` is the only word that is known; every other one means healthy. */
  readonly runtimeState: string;
  /** The runtime manages its own status: nothing is inferred from error rates. */
  readonly managesStatus: boolean;
}

export interface Judgement {
  readonly transition: TransitionName;
  readonly event: { readonly type: EventType; readonly payload: Record<string, unknown> };
}

/** Between the two rates nothing changes, so that a workspace does not flap. */
const ERRING = 0.5;
const CALM = 0.1;

const isWedged = (runtimeState: string): boolean => runtimeState.trim().toLowerCase() === 'wedged';

/** True for the words that need no remark in the log. */
export const isKnownState = (runtimeState: string): boolean =>
  isWedged(runtimeState) || ['', 'ok'].includes(runtimeState.trim().toLowerCase());

/** Which row of the lifecycle table a beat is, if any: at most one, and a report of "wedged" comes first. */
export function judgeBeat(status: WorkspaceStatus, health: Health): Judgement | null {
  const { errorRate, managesStatus } = health;
  const wedged = isWedged(health.runtimeState);
  switch (status) {
    case 'online':
      if (wedged) return degraded('wedged', { runtime_state: 'wedged', sample_error: health.sampleError });
      if (managesStatus || errorRate < ERRING) return null;
      return degraded('erroring', { error_rate: errorRate, sample_error: health.sampleError });
    case 'degraded':
      return managesStatus || wedged || errorRate >= CALM ? null : online('recovered', {});
    case 'offline':
      return online('beatWhileOffline', {});
    case 'provisioning':
      return online('beatWhileProvisioning', { recovered_from: status });
    case 'awaiting_agent':
    case 'failed':
      return online('beatAgain', { recovered_from: status });
    case 'paused':
    case 'hibernating':
    case 'hibernated':
    case 'removed':
      return null;
  }
}

const degraded = (transition: TransitionName, payload: Record<string, unknown>): Judgement => ({
  transition,
  event: { type: 'WORKSPACE_DEGRADED', payload },
});

const online = (transition: TransitionName, payload: Record<string, unknown>): Judgement => ({
  transition,
  event: { type: 'WORKSPACE_ONLINE', payload },
});
