import type { Findings } from '../findings.ts';
import type { PropertyRecord } from '../record.ts';
import type { LogLine, StepBegin } from '../step-log.ts';

interface Attempt extends StepBegin {
  readonly end: number;
  /** Its worker died over it. */
  readonly isKilled: boolean;
}

/** Steps on the boxes of one workspace never overlap: what two of them could do to each other is never to be asked. */
export function noStepsOverlap(record: PropertyRecord, findings: Findings): void {
  const byWorkspace = new Map<string, Attempt[]>();
  for (const attempt of attemptsOf(record.log)) {
    byWorkspace.set(attempt.workspaceId, [...(byWorkspace.get(attempt.workspaceId) ?? []), attempt]);
  }
  for (const attempts of byWorkspace.values()) {
    attempts.forEach((later, at) => {
      for (const earlier of attempts.slice(0, at)) judge(earlier, later, record, findings);
    });
  }
}

function judge(earlier: Attempt, later: Attempt, { terminated }: PropertyRecord, findings: Findings): void {
  if (earlier.end <= later.at || areSideBySide(earlier, later)) return;
  if (earlier.isKilled) return findings.excuse('killedWorker');
  if (terminated.has(earlier.runId)) return findings.excuse('terminatedRun');
  const isRetry = earlier.runId === later.runId && earlier.activityId === later.activityId;
  if (isRetry) return findings.excuse('slowAttempt');
  findings.violates('no steps overlap', `${say(later)} began during ${say(earlier)} of workspace ${later.workspaceId}`);
}

/** One step on several hosts at once: they share nothing. */
const areSideBySide = (a: Attempt, b: Attempt): boolean =>
  a.runId === b.runId && a.call === b.call && a.host !== b.host;

const say = ({ call, operationId, cycle, attempt }: Attempt): string =>
  `${call} (operation ${operationId}, cycle ${cycle}, attempt ${attempt})`;

function attemptsOf(log: readonly LogLine[]): Attempt[] {
  const ends = new Map(log.flatMap((line) => (line.what === 'end' ? [[line.attemptId, line.at] as const] : [])));
  const deaths = new Map(log.flatMap((line) => (line.what === 'death' ? [[line.pid, line.at] as const] : [])));
  return log.flatMap((line): Attempt[] => {
    if (line.what !== 'begin') return [];
    const end = ends.get(line.attemptId);
    const death = deaths.get(line.pid);
    return [{ ...line, end: end ?? death ?? Infinity, isKilled: end === undefined && death !== undefined }];
  });
}
