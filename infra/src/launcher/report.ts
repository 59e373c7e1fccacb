import { styleText } from 'node:util';

const FRAME_MS = 120;
const frames = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];

/** Where progress goes. On a terminal the step at work moves; elsewhere each step is a line when it has taken a second. */
export class Report {
  private readonly out: NodeJS.WriteStream;

  constructor(out: NodeJS.WriteStream = process.stdout) {
    this.out = out;
  }

  line(text = ''): void {
    this.out.write(`${text}\n`);
  }

  /** Shows that something is being done, how long it has taken, and that it is done. */
  async step<T>(title: string, work: (tell: (now: string) => void) => Promise<T>): Promise<T> {
    const began = performance.now();
    let now = title;
    const moving = this.out.isTTY ? this.animate(() => now, began) : this.announce(() => now);
    try {
      const result = await work((text) => (now = `${title}: ${text}`));
      this.end(moving, `${styleText('green', '✓')} ${title}${took(began)}`);
      return result;
    } catch (error) {
      this.end(moving, `${styleText('red', '✗')} ${title}${took(began)}`);
      throw error;
    }
  }

  private animate(text: () => string, began: number): NodeJS.Timeout {
    let frame = 0;
    return setInterval(() => {
      frame = (frame + 1) % frames.length;
      this.out.write(`\r\x1b[K${styleText('cyan', frames[frame] ?? '')} ${text()}${took(began)}`);
    }, FRAME_MS);
  }

  private announce(text: () => string): NodeJS.Timeout {
    let said: string | undefined;
    return setInterval(() => {
      if (said === text()) return;
      said = text();
      this.line(`… ${said}`);
    }, 1_000);
  }

  private end(moving: NodeJS.Timeout, line: string): void {
    clearInterval(moving);
    this.line(this.out.isTTY ? `\r\x1b[K${line}` : line);
  }
}

const took = (began: number): string => {
  const seconds = (performance.now() - began) / 1_000;
  return seconds < 1 ? '' : styleText('dim', ` (${seconds.toFixed(1)} s)`);
};
