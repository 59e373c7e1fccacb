import type { Channel } from './terminal.ts';

/** Lines that are drawn again in the same place of a terminal. */
export class Screen {
  private readonly channel: Channel;
  private height = 0;

  constructor(channel: Channel) {
    this.channel = channel;
  }

  /** Takes the place of what was shown before. No line may be wider than the terminal. */
  show(lines: readonly string[]): void {
    const back = this.height === 0 ? '' : `\u001B[${this.height}A\r\u001B[J`;
    this.channel.write(`${back}${lines.map((line) => `${line}\n`).join('')}`);
    this.height = lines.length;
  }
}
