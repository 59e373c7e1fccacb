import { Findings } from './findings.ts';
import type { PropertyRecord } from './record.ts';
import { everythingIsInItsCloud } from './rules/clouds.ts';
import { eventsGoWithWrites } from './rules/events.ts';
import { historyIsLinear } from './rules/history.ts';
import { ledgerAtAnyInstant, ledgerInTheEnd } from './rules/ledger.ts';
import { everyOperationEnds, lastRequestDecides } from './rules/outcome.ts';
import { noStepsOverlap } from './rules/overlap.ts';
import { oneRunEach, supersededWritesNothing } from './rules/ownership.ts';
import { restartsAreServed } from './rules/restarts.ts';

export const rules = [
  everyOperationEnds,
  noStepsOverlap,
  ledgerAtAnyInstant,
  ledgerInTheEnd,
  everythingIsInItsCloud,
  restartsAreServed,
  historyIsLinear,
  lastRequestDecides,
  eventsGoWithWrites,
  supersededWritesNothing,
  oneRunEach,
];

/** Holds a record against every rule. */
export function check(record: PropertyRecord): Findings {
  const findings = new Findings();
  for (const rule of rules) rule(record, findings);
  return findings;
}
