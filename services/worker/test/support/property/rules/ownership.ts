import { stepRegistry } from '@holdfast/workflows/operation/step-registry';
import type { Findings } from '../findings.ts';
import type { PropertyRecord } from '../record.ts';

const RULE = 'only the owner writes';

/** The steps on boxes are told by whoever carries them out; every other line of the progress is a write of the owner. */
const boxSteps: ReadonlySet<string> = new Set(
  Object.values(stepRegistry).flatMap(({ step, acts }) => (acts === 'box' ? [step] : [])),
);

/** Once superseded, an operation makes no box, begins no cycle, notes no step and never changes again. */
export function supersededWritesNothing({ audit, progress }: PropertyRecord, findings: Findings): void {
  const superseded = new Map<string, { n: number; at: number }>();
  for (const { table, id, after, n, at } of audit) {
    if (table === 'operations' && after?.['state'] === 'superseded' && !superseded.has(id))
      superseded.set(id, { n, at });
  }
  for (const { table, id, before, after, n } of audit) {
    const operationId = table === 'operations' ? id : String(after?.['operation_id'] ?? '');
    const end = superseded.get(operationId);
    if (!end || n <= end.n) continue;
    if (table === 'operations') findings.violates(RULE, `operation ${id} changed after it was superseded`);
    if (table !== 'boxes') continue;
    if (before === null) findings.violates(RULE, `operation ${operationId} made box ${id} after it was superseded`);
    else if (after?.['state'] === 'running' && before['state'] !== 'running')
      findings.violates(RULE, `box ${id} came to count after its operation ${operationId} was superseded`);
    else if (before['registered_at'] === null && after?.['registered_at'] !== null)
      findings.violates(RULE, `box ${id} registered after its operation ${operationId} was superseded`);
  }
  for (const { operationId, step, at } of progress) {
    const end = superseded.get(operationId);
    if (end && at > end.at && !boxSteps.has(step))
      findings.violates(RULE, `operation ${operationId} noted "${step}" after it was superseded`);
  }
}

/** The run id is the fence: an operation has one, and no two share one. */
export function oneRunEach({ audit, operations }: PropertyRecord, findings: Findings): void {
  const rule = 'one run for each operation';
  for (const { table, id, before, after } of audit) {
    if (table !== 'operations' || !before || !after || before['run_id'] === null) continue;
    if (before['run_id'] !== after['run_id']) findings.violates(rule, `operation ${id} changed its run`);
  }
  const owners = new Map<string, string>();
  for (const { id, runId } of operations) {
    if (runId === null) continue;
    const other = owners.get(runId);
    if (other) findings.violates(rule, `operations ${other} and ${id} share run ${runId}`);
    owners.set(runId, id);
  }
}
