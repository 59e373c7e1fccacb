import { figures } from './figures/index.ts';
import { cells, type Measured, ratioCell, type Result } from './report.ts';

/** More than this in use by others makes the values of a run worse than they are. */
const BUSY = 0.1;

const head = `# Benchmarks

\`pnpm bench\` measures the platform on real parts, each figure beside the same thing without us, in the same run on the
same machine: a bare server, raw Docker, EC2's own SDK, a bare workflow on the same Temporal server. Only the ratios mean
something elsewhere; the values are those of one machine, which runs the load generator as well. Postgres keeps what it
commits (\`fsync on\`), as in production; the gateway and the worker are the built programs with their default settings.
"Null backend" means boxes that are rows alone, whose agents register at once: what is left is our own work.

| Command | Does |
|---|---|
| \`npm run bench\` | measures everything, in about half an hour, and prints tables |
| \`npm run bench -- --only list,beats --seconds 20\` | measures some of it for longer |
| \`npm run --silent bench -- --json\` | the result for a program; progress goes to standard error |
| \`npm run bench -- --profile FOLDER\` | leaves processor profiles of every process |
| \`bin/dev node infra/bench/run.ts --markdown > docs/benchmarks.md && npm run fix\` | writes this page |

A ratio is ours through theirs: of times less is better, of things per second more. Where both were measured in turns, it
is that of the medians, with the 10th and the 90th percentile of the ratios of single pairs in brackets.`;

/** The result as the page of the documentation: it explains every figure, measured or not. */
export function markdown({ machine, seconds, measured }: Result): string {
  const all = figures.map(
    (figure): Measured =>
      measured.find(({ figure: { name } }) => name === figure.name) ?? {
        figure,
        rows: [],
        busyBefore: 0,
        skipped: 'it was not part of this run',
      },
  );
  const facts = Object.entries(machine).map(([name, value]) => `| ${name} | ${value} |`);
  return [
    head,
    '',
    '## The last run',
    '',
    `Each load lasted ${seconds} s. ${quietness(measured)}`,
    '',
    '| | |',
    '|---|---|',
    ...facts,
    '',
    '## Targets',
    '',
    'They are for two cores that nobody else uses. What a message to an agent costs on its way through the gateway has no',
    'figure yet: there is no such route.',
    '',
    '| Target | Figure | Value | Seen | Beside | |',
    '|---|---|--:|--:|--:|---|',
    ...all.flatMap(targetLines),
    '',
    '## Figures',
    '',
    ...all.flatMap(section),
  ].join('\n');
}

/** Whether the machine was ours alone. */
function quietness(measured: readonly Measured[]): string {
  const busiest = Math.max(0, ...measured.map(({ busyBefore }) => busyBefore));
  const share = `${Math.round(busiest * 100)} %`;
  if (busiest <= BUSY) return `Others used at most ${share} of the processor just before a figure.`;
  return `It was measured under load: others used up to ${share} of the processor just before a figure, which makes the
values worse than they are. Ratios of pairs suffer less, since both sides of a pair had the same load.`;
}

function targetLines({ figure: { name, goal = '' }, rows, skipped }: Measured): string[] {
  if (skipped !== undefined) return goal === '' ? [] : [line([goal, name, '', 'not measured', '', ''])];
  const aimed = rows.filter(({ target }) => target !== undefined);
  return aimed.map((row, place) => {
    const [what = '', value = '', , , target = '', met = ''] = cells(row);
    return line([place === 0 ? goal : '', `${name}: ${what}`, target, value, ratioCell(row), met]);
  });
}

function section({ figure, rows, busyBefore, skipped }: Measured): string[] {
  const text = [`### \`${figure.name}\`: ${figure.title}`, '', `Beside: ${figure.comparison}.`];
  if (skipped !== undefined) return [...text, '', `Not measured: ${skipped}.`, ''];
  return [
    ...text,
    `Others used ${Math.round(busyBefore * 100)} % of the processor just before.`,
    '',
    '| | ours | beside | ratio | target | |',
    '|---|--:|--:|--:|--:|---|',
    ...rows.map((row) => line(cells(row))),
    '',
  ];
}

const line = (texts: readonly string[]): string => `| ${texts.map((text) => text.trim()).join(' | ')} |`;
