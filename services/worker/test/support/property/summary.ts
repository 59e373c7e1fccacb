import type { Findings } from './findings.ts';
import type { Load } from './load.ts';
import type { PropertyRecord } from './record.ts';
import { leaksOf } from './rules/ledger.ts';

const counted = (values: readonly string[]): string =>
  [...new Set(values)]
    .sort()
    .map((value) => `${value} ${values.filter((each) => each === value).length}`)
    .join(', ') || 'none';

/** What a run came to, for whoever reads the log of it. */
export function summaryOf(
  record: PropertyRecord,
  findings: Findings,
  { answers, crashes }: Pick<Load, 'answers'> & { crashes: { workers: number; gateways: number } },
): string {
  const { operations, audit, terminated, log } = record;
  const cycles = audit.filter(
    ({ table, before, after }) => table === 'operations' && before && after?.['cycle'] !== before['cycle'],
  );
  const excused = Object.entries(findings.excused).map(([excuse, count]) => `${excuse} ${count}`);
  return [
    `cases: ${answers.length} (${counted(answers.map(({ verb }) => verb))})`,
    `answers: ${counted(answers.map((each) => (each.refused ? `refused ${each.refused}` : each.operations ? 'accepted' : 'none')))}`,
    `operations: ${operations.length} (${counted(operations.map(({ kind }) => kind))}; ${counted(operations.map(({ state }) => state))})`,
    `failures: ${counted(operations.flatMap(({ failureCode }) => failureCode ?? []))}`,
    `cycles: ${cycles.length}; boxes made: ${log.filter(({ what }) => what === 'made').length}`,
    `crashes: workers ${crashes.workers}, gateways ${crashes.gateways}; runs terminated: ${terminated.size}`,
    `excused: ${excused.join(', ') || 'none'}`,
    `leaks: ${leaksOf(record).length}`,
  ].join('\n');
}
