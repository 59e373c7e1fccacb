import { cells, type Measured, type Result } from './report.ts';

const head = `# Benchmarks

\`pnpm bench\` measures the platform on real parts, each figure beside the same thing without us, in the same run on the
same machine: a bare server, raw Docker, a bare workflow on the same Temporal server. Only the ratios mean something
elsewhere; the values are those of one machine, which runs the load generator as well. Postgres keeps what it commits
(\`fsync on\`), as in production; the gateway and the worker are the built programs with their default settings.

\`pnpm bench --only list,beats --seconds 20\` measures some of them for longer, \`--json\` is for programs, \`--profile FOLDER\`
leaves processor profiles of every process, and \`bin/dev node infra/bench/run.ts --markdown > docs/benchmarks.md\` writes this page.
The targets are for two cores that nobody else uses. "Null backend" means boxes that are rows alone, whose agents
register at once: what is left is our own work.
`;

/** The result as the page of the documentation. */
export function markdown({ machine, seconds, measured }: Result): string {
  const facts = Object.entries(machine).map(([name, value]) => `| ${name} | ${value} |`);
  const about = ['## The last run', '', `Each load lasted ${seconds} s.`, '', '| | |', '|---|---|', ...facts, ''];
  return [head, ...about, ...measured.flatMap(section)].join('\n');
}

function section({ figure, rows, busyBefore, skipped }: Measured): string[] {
  const others = `Others used ${Math.round(busyBefore * 100)} % of the processor just before.`;
  const text = [`### ${figure.title}`, '', `Beside: ${figure.comparison}. ${others}`, ''];
  if (skipped !== undefined) return [...text, `Not measured: ${skipped}.`, ''];
  const lines = rows.map(
    (row) =>
      `| ${cells(row)
        .map((cell) => cell.trim())
        .join(' | ')} |`,
  );
  return [...text, '| | ours | beside | ratio | target | |', '|---|--:|--:|--:|--:|---|', ...lines, ''];
}
