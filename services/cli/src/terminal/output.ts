import type { Paint } from './paint.ts';
import type { Terminal } from './terminal.ts';

/** For people, for programs, or ids only. */
export type Mode = 'people' | 'json' | 'quiet';

/** One result in its three forms; only the one asked for is made. */
export interface Result {
  readonly json: () => unknown;
  /** Ids, or the one value a script wants. */
  readonly quiet: () => readonly string[];
  readonly people: (paint: Paint, columns: number | undefined) => readonly string[];
}

/** What a command says. Results are all there ever is on standard output. */
export class Output {
  readonly mode: Mode;
  private readonly terminal: Terminal;

  constructor(terminal: Terminal, mode: Mode) {
    this.terminal = terminal;
    this.mode = mode;
  }

  result({ json, quiet, people }: Result): void {
    const { out } = this.terminal;
    if (this.mode === 'json') return out.write(`${JSON.stringify(json(), null, 2)}\n`);
    const lines = this.mode === 'quiet' ? quiet() : people(out.paint, out.columns());
    if (lines.length > 0) out.write(`${lines.join('\n')}\n`);
  }

  /** One line of a stream of results; with `--json` each line is a document. */
  line({ json, quiet, people }: Result): void {
    const { out } = this.terminal;
    if (this.mode === 'json') return out.write(`${JSON.stringify(json())}\n`);
    for (const text of this.mode === 'quiet' ? quiet() : people(out.paint, out.columns())) out.write(`${text}\n`);
  }

  /** Something along the way that only people care for. */
  note(text: string): void {
    if (this.mode === 'people') this.terminal.err.write(`${text}\n`);
  }

  /** Something that is wrong but does not stop the command; programs hear it as well. */
  warn(text: string): void {
    this.terminal.err.write(`${this.terminal.err.paint('yellow', 'warning:')} ${text}\n`);
  }
}
