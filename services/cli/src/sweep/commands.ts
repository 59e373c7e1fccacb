import { Command } from 'commander';
import type { Answer } from '../api/api.ts';
import type { Action, Handler } from '../command/action.ts';
import type { Exit } from '../exit/exit-codes.ts';
import { dryRunQuery } from '../plan/plan.ts';
import type { Paint } from '../terminal/paint.ts';
import { type Column, table } from '../terminal/table.ts';
import { count, printable } from '../terminal/text.ts';
import { workspaceNames } from '../operation/list.ts';

type Report = Answer<'POST /admin/sweep'>;
type Finding = Report['findings'][number];

interface SweepOptions {
  readonly dryRun?: true;
  readonly force?: true;
}

const sweep: Handler<[], SweepOptions> = async ({ api, options, output }): Promise<Exit | void> => {
  const report = await api.call('POST /admin/sweep', {
    query: { ...dryRunQuery(options.dryRun), ...(options.force ? { force: 'true' as const } : {}) },
  });
  const names = output.mode === 'people' ? await workspaceNames(api) : new Map<string, string>();
  output.result({
    json: () => report,
    quiet: () => report.findings.flatMap(({ box_id: box }) => box ?? []),
    people: (paint, width) => [
      ...(report.findings.length === 0
        ? []
        : table(report.findings, columns(names, report), { columns: width, paint })),
      ...(report.findings.length === 0 ? [] : ['']),
      ...summary(report, paint),
    ],
  });
  if (report.stopped) output.note('If they are orphans indeed, as --dry-run lists them: holdfast sweep --force');
  const wentWrong = report.stopped || report.hosts.some(({ failed }) => failed.length > 0);
  return wentWrong || report.hosts.every(({ away }) => away) ? 'failure' : 'ok';
};

const columns = (names: ReadonlyMap<string, string>, { dry_run: isDry }: Report): Column<Finding>[] => [
  { title: 'HOST', text: ({ host }) => host, least: 8 },
  { title: 'WHAT', text: ({ what }) => what, least: 16 },
  { title: 'BOX', text: ({ box_id: box }) => box ?? '', optional: true, spare: true, least: 8 },
  {
    title: 'WORKSPACE',
    text: ({ workspace_id: id }) => (id === null ? '' : (names.get(id) ?? id)),
    optional: true,
    least: 9,
  },
  { title: 'ACTION', text: ({ action }) => action, least: 10 },
  {
    title: 'DONE',
    text: ({ done }) => (done ? 'yes' : isDry ? '' : 'no'),
    style: ({ done }) => (done ? 'green' : 'red'),
    optional: true,
  },
];

function summary(report: Report, paint: Paint): string[] {
  return [
    ...report.hosts.flatMap(({ host, away, stopped, orphans, fleet, failed }) => [
      ...(away ? [`${paint('yellow', 'away')}  No worker of ${printable(host)} took part.`] : []),
      ...(stopped
        ? [
            `${paint('red', 'refused')}  ${orphans} of ${fleet} on ${printable(host)} look orphaned: nothing was touched there.`,
          ]
        : []),
      ...failed.map((why) => `${paint('red', 'cut short')}  ${printable(host)}: ${printable(why)}`),
    ]),
    lastLine(report, paint),
  ];
}

function lastLine({ dry_run: isDry, hosts, findings }: Report, paint: Paint): string {
  const sum = (of: (host: Report['hosts'][number]) => number): number => hosts.reduce((all, host) => all + of(host), 0);
  const fleet = sum((host) => host.fleet);
  const looked = `${count(fleet, 'box', 'boxes')} on ${count(hosts.filter(({ away }) => !away).length, 'host')}`;
  if (hosts.every(({ away }) => away)) return `${paint('red', 'nothing')}  No host was looked at: start a worker.`;
  if (findings.length === 0) return `${paint('green', 'clean')}  What is there is what the ledger says: ${looked}.`;
  const found = `${count(findings.length, 'finding')} among ${looked}`;
  return isDry
    ? `${paint('yellow', 'dry run')}  ${found}; nothing was touched.`
    : `${paint('green', 'swept')}  ${sum(({ done }) => done)} of ${found} seen to.`;
}

/** `holdfast sweep`. */
export const sweepCommand = (action: Action): Command =>
  new Command('sweep')
    .summary('Compare the ledger with the boxes that are there, and clear what belongs to nobody.')
    .description(
      'Compares the ledger of boxes with what is there on every host, and clears what belongs to nobody. It happens by itself now and then; it refuses when more than 40 % look orphaned.',
    )
    .option('--dry-run', 'only list what it would do')
    .option('--force', 'go on although so much looks orphaned')
    .addHelpText(
      'after',
      '\nIt ends with 1 when it refused.\n\nExamples:\n  holdfast sweep --dry-run\n  holdfast sweep',
    )
    .action(action(sweep));
