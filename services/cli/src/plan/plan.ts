import type { DryRun } from '../api/generated/routes.ts';
import { Failure } from '../failure/failure.ts';
import { fields } from '../terminal/fields.ts';
import type { Output } from '../terminal/output.ts';
import type { Paint, Style } from '../terminal/paint.ts';
import { type Column, table } from '../terminal/table.ts';
import { count, printable, wrapped } from '../terminal/text.ts';
import { statusStyle } from '../workspace/status-style.ts';

/** What a request would do, as the gateway answers it with `dry_run`. */
export type Plan = DryRun;
type Target = Plan['targets'][number];

/** What a command with a dry run has in its options. */
export interface DryRunOption {
  readonly dryRun?: true;
}
/** The option itself, with what the help says of it. */
export const dryRunFlag = ['--dry-run', 'show what it would do, and do nothing'] as const;

/** The flag of a dry run as a request takes it. */
export const dryRunQuery = (isDryRun: boolean | undefined): { readonly dry_run?: 'true' } =>
  isDryRun ? { dry_run: 'true' } : {};

/** Tells the answer of a dry run from that of the request itself. */
const isPlan = <A extends object>(answer: A | Plan): answer is Plan =>
  'dry_run' in answer && answer.dry_run && 'targets' in answer;

/**
 * Prints an answer that is a plan; false when it is that of the request itself.
 * @throws Failure when a plan was asked for all the same: better that than a change that was made without a word
 */
export function toldPlan<A extends object>(
  output: Output,
  answer: A | Plan,
  { dryRun }: { readonly dryRun?: boolean },
  command: string,
): answer is Plan {
  if (isPlan(answer)) {
    tellPlan(output, answer);
    return true;
  }
  if (!dryRun) return false;
  throw new Failure('failure', `This gateway knows no dry run of ${command}: it did it.`, {
    code: 'CLI_NO_DRY_RUN',
    next: 'holdfast doctor compares the versions',
  });
}

function tellPlan(output: Output, plan: Plan): void {
  output.result({
    json: () => plan,
    quiet: () => plan.targets.map(({ workspace_id: id }) => id),
    people: (paint, width) => planLines(plan, paint, width),
  });
}

const styles: Readonly<Record<Target['decision'], Style | undefined>> = {
  run: 'green',
  preempt: 'yellow',
  queue: 'cyan',
  join: 'dim',
  direct: undefined,
};
const means: Readonly<Record<Target['decision'], string>> = {
  run: 'at once',
  preempt: 'instead of what runs',
  queue: 'after what runs',
  join: 'is what runs already',
  direct: 'without an operation',
};

const columns: readonly Column<Target>[] = [
  { title: 'WORKSPACE', text: ({ name, workspace_id: id }) => name || id, least: 10, style: () => 'bold' },
  { title: 'WILL BE', text: ({ status }) => status, style: ({ status }) => statusStyle(status) },
  { title: 'DECISION', text: ({ decision }) => decision, style: ({ decision }) => styles[decision] },
  { title: 'OPERATION', text: ({ operation_kind: kind }) => kind ?? '', optional: true },
  { title: 'BOXES', text: boxesOf, least: 12, optional: true },
];

function boxesOf({ boxes }: Target): string {
  return boxes.map(({ state, backend, host }) => `${state} (${backend} on ${host})`).join(', ');
}

function planLines({ verb, status, targets, change }: Plan, paint: Paint, width: number | undefined): string[] {
  const [name, answer] = [printable(verb), `would answer "${printable(status)}"`];
  const sentence =
    targets.length === 0
      ? `${name} ${answer}, and no workspace is touched.`
      : `${name} of ${count(targets.length, 'workspace')} ${answer}.`;
  const head = `${paint('yellow', 'dry run')}  Nothing was done: ${sentence}`;
  const told = [
    change === undefined ? [] : fields(Object.entries(change).map(shown), paint),
    targets.length === 0 ? [] : table(targets, columns, { columns: width, paint }),
    legend(targets, paint, width),
  ];
  return [head, ...told.flatMap((lines) => (lines.length === 0 ? [] : ['', ...lines]))];
}

/** A member of what would be written, as a line. */
function shown([name, value]: [string, NonNullable<Plan['change']>[string]]): [label: string, value: string] {
  if (value === null || value === '') return [printable(name), 'none'];
  return [printable(name), typeof value === 'object' ? value.map(printable).join(', ') : printable(String(value))];
}

/** What the decisions mean, and the steps of each kind of operation in their order. */
function legend(targets: readonly Target[], paint: Paint, width: number | undefined): string[] {
  const ways = new Map(targets.map(({ operation_kind: kind, steps }) => [kind ?? '', steps]));
  const labels: [label: string, words: readonly string[], between: string][] = [
    ...[...new Set(targets.map(({ decision }) => decision))].map((decision): [string, string[], string] => [
      decision,
      [means[decision] ?? ''],
      ' ',
    ]),
    ...[...ways]
      .filter(([, steps]) => steps.length > 0)
      .map(([kind, steps]): [string, string[], string] => [`steps of ${kind}`, steps.map(printable), ' → ']),
  ];
  const indent = Math.max(0, ...labels.map(([label]) => label.length)) + 2;
  return labels.flatMap(([label, words, between]) =>
    wrapped(words, between, (width ?? Number.POSITIVE_INFINITY) - indent).map(
      (line, at) => `${at === 0 ? paint('dim', label.padEnd(indent)) : ' '.repeat(indent)}${line}`,
    ),
  );
}
