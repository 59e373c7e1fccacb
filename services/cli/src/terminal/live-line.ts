import { duration } from './time.ts';
import type { Channel } from './terminal.ts';
import { cut } from './text.ts';

const frames = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const FRAME_MS = 100;
/** Anything shorter is over before it is read. */
const WORTH_TELLING_MS = 1_000;
const CLEAR = '\r\u001B[K';

/**
 * The line a person watches while something runs: what it is and for how long. On anything but a terminal it writes
 * nothing of its own, only the lines that stay.
 */
export class LiveLine {
  private readonly channel: Channel;
  private text = '';
  private since = Date.now();
  private frame = 0;
  private timer: NodeJS.Timeout | undefined;

  constructor(channel: Channel) {
    this.channel = channel;
  }

  /** What runs now. */
  show(text: string, since = Date.now()): void {
    this.text = text;
    this.since = since;
    if (!this.channel.isTerminal) return;
    this.timer ??= setInterval(() => this.draw(), FRAME_MS).unref();
    this.draw();
  }

  /** Writes a line that stays, above the one that lives. */
  keep(line: string): void {
    this.channel.write(`${this.timer ? CLEAR : ''}${line}\n`);
    if (this.timer) this.draw();
  }

  stop(): void {
    if (!this.timer) return;
    clearInterval(this.timer);
    this.timer = undefined;
    this.channel.write(CLEAR);
  }

  private draw(): void {
    this.frame = (this.frame + 1) % frames.length;
    const { paint } = this.channel;
    const ms = Date.now() - this.since;
    const elapsed = ms < WORTH_TELLING_MS ? '' : duration(ms);
    // A line that wraps could not be taken back.
    const text = cut(this.text, (this.channel.columns() ?? 80) - elapsed.length - 5);
    this.channel.write(`${CLEAR}${paint('cyan', frames[this.frame] ?? '')} ${text}  ${paint('dim', elapsed)}`);
  }
}
