import { isBringUp } from '@holdfast/workflows/operation/operation';
import type { Findings } from '../findings.ts';
import type { OperationFact, PropertyRecord } from '../record.ts';

const RULE = 'every restart has a whole cycle';

/**
 * Every accepted bring-up is followed by a whole cycle that began after it: its own, or one of the operation that it was
 * coalesced into. Whole means that it ended with a registered agent, or with a failure that is written down.
 */
export function restartsAreServed(record: PropertyRecord, findings: Findings): void {
  const operations = new Map(record.operations.map((operation) => [operation.id, operation]));
  const prepared = preparesOf(record);
  for (const operation of record.operations) {
    if (!isBringUp(operation.kind) || operation.state === 'superseded' || operation.state === 'cancelled') continue;
    // A wake that waited for a hibernation which did not come about has found its agent awake.
    if (operation.kind === 'wake' && operation.state === 'succeeded' && !operation.hasOwned) continue;
    const served = servedBy(operation, operations);
    if (!served) {
      findings.violates(RULE, `operation ${operation.id} was coalesced into nothing`);
      continue;
    }
    if (['superseded', 'cancelled'].includes(served.state) || served.failureCode === 'EXECUTION_LOST') {
      findings.excuse('restartCutShort');
      continue;
    }
    const words = lackOf(operation, served, record, prepared);
    if (words) findings.violates(RULE, `operation ${operation.id}, served by ${served.id}, ${words}`);
  }
}

/** The end of the chain of operations that each took the one before over; undefined where it breaks off. */
function servedBy(operation: OperationFact, operations: ReadonlyMap<string, OperationFact>): OperationFact | undefined {
  let at: OperationFact | undefined = operation;
  for (let links = 0; at?.state === 'coalesced' && links <= operations.size; links += 1) {
    at = at.coalescedInto === null ? undefined : operations.get(at.coalescedInto);
  }
  return at;
}

function lackOf(
  operation: OperationFact,
  served: OperationFact,
  { boxes }: PropertyRecord,
  prepared: ReadonlyMap<string, number>,
): string | undefined {
  if (served.state === 'failed' || served.state === 'compensated')
    return served.failureCode ? undefined : 'failed without a word';
  if (served.state !== 'succeeded') return `has ended as ${served.state}`;
  // The box that was registered in the end is of the last cycle, and that one has to have begun after the request.
  const begun = prepared.get(`${served.id}:${served.cycle}`);
  if (begun === undefined || begun < operation.acceptedAt) return 'has no cycle that began after it was accepted';
  const box = boxes.find((each) => each.operationId === served.id && each.cycle === served.cycle);
  return box?.isRegistered ? undefined : 'has no box whose agent registered';
}

/** When the first attempt to prepare began, for each cycle of each operation. */
function preparesOf({ log }: PropertyRecord): Map<string, number> {
  const prepares = new Map<string, number>();
  for (const line of log) {
    if (line.what !== 'begin' || line.call !== 'prepareBox') continue;
    const cycle = `${line.operationId}:${line.cycle}`;
    prepares.set(cycle, Math.min(line.at, prepares.get(cycle) ?? Infinity));
  }
  return prepares;
}
