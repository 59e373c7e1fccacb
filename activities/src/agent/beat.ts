import type { WorkspaceEvent } from '@holdfast/workflows/event/events';
import type { WorkspaceStatus } from '@holdfast/workflows/workspace/status';
import { storableText } from '../event/storable.ts';
import { type Judgement, judgeBeat } from './beat-judgement.ts';
import { declarationAfter, declares, type RuntimeDeclaration } from './declaration.ts';
import { type AgentIdentity, type BoxColumns, counts } from './identity.ts';

/** A heartbeat whose sender has passed the gate. */
export interface Beat {
  readonly workspaceId: string;
  readonly agent: AgentIdentity;
  readonly errorRate: number;
  readonly sampleError: string;
  readonly activeTasks: number;
  readonly uptimeSeconds: number;
  readonly currentTask: string;
  /** US cents; 0 is no news. */
  readonly monthlySpend: number;
  readonly runtimeState: string;
  /** Null when the beat had no such block. */
  readonly declaration: RuntimeDeclaration | null;
}

const LARGEST_COUNT = 2 ** 31 - 1;
/** US cents. */
const LARGEST_SPEND = 1e12;

const within = (value: number, largest: number): number => Math.min(Math.max(value, 0), largest);

/** A beat as the rows can hold it: absurd figures are bounded, and text is what Postgres can keep. */
export const storableBeat = (beat: Beat): Beat => ({
  ...beat,
  sampleError: storableText(beat.sampleError),
  activeTasks: within(beat.activeTasks, LARGEST_COUNT),
  uptimeSeconds: within(beat.uptimeSeconds, LARGEST_COUNT),
  currentTask: storableText(beat.currentTask),
  monthlySpend: within(beat.monthlySpend, LARGEST_SPEND),
});

/** What a beat is decided by. */
export interface BeatRow extends BoxColumns {
  readonly id: string;
  readonly status: WorkspaceStatus;
  readonly current_task: string;
  readonly platform_inbound_secret: Uint8Array | null;
  readonly runtime_metadata: RuntimeDeclaration | null;
  readonly runtime_metadata_at: Date | null;
  /** The database's clock, the same for the whole batch. */
  readonly now: Date;
}

/** What a beat does to its row. */
export interface BeatEffect {
  readonly beat: Beat;
  readonly row: BeatRow;
  readonly judgement: Judgement | null;
  readonly declaration: { readonly value: RuntimeDeclaration | null; readonly changed: boolean };
}

/** Decides on the locked row; null is no effect of any kind. The declaration applies before the beat is judged by it. */
export function beatEffect(beat: Beat, row: BeatRow): BeatEffect | null {
  if (row.status === 'removed' || !counts(row, beat.agent)) return null;
  const declaration = declarationAfter(
    { value: row.runtime_metadata, at: row.runtime_metadata_at },
    beat.declaration,
    row.now,
  );
  const managesStatus = declares(declaration.value, 'status_mgmt');
  return { beat, row, declaration, judgement: judgeBeat(row.status, { ...beat, managesStatus }) };
}

/** What listeners hear of a beat besides a change of status; every beat says at least that the agent lives. */
export function beatEvents({ beat, row }: BeatEffect): WorkspaceEvent[] {
  const { activeTasks: active_tasks, uptimeSeconds: uptime_seconds, currentTask: current_task } = beat;
  const envelope = { workspace_id: beat.workspaceId, timestamp: row.now.toISOString() };
  const alive: WorkspaceEvent = {
    event: 'WORKSPACE_HEARTBEAT',
    ...envelope,
    payload: { active_tasks, uptime_seconds },
  };
  if (current_task === row.current_task) return [alive];
  return [{ event: 'TASK_UPDATED', ...envelope, payload: { current_task, active_tasks } }, alive];
}
