/** One event of a server-sent stream. */
export interface ServerEvent {
  readonly event: string;
  readonly data: string;
  /** What a resumed stream starts after; empty when the stream has no ids. */
  readonly id: string;
}

/** Takes a stream apart as the HTML standard says; knows the wait the server asks for before a reconnect. */
export class EventParser {
  /** The last id seen, also of an event without data. */
  lastId = '';
  /** Milliseconds the server wants a client to wait before it connects again. */
  retryMs: number | undefined;
  private rest = '';
  private event = '';
  private data: string[] = [];

  /** Feeds a piece of the stream, and gives the events it completes. */
  take(piece: string): ServerEvent[] {
    const text = this.rest + piece;
    // A carriage return at the very end may be half of a line end.
    const whole = text.endsWith('\r') ? text.slice(0, -1) : text;
    const lines = whole.split(/\r\n|\n|\r/);
    this.rest = (lines.pop() ?? '') + text.slice(whole.length);
    return lines.flatMap((line) => this.line(line) ?? []);
  }

  private line(line: string): ServerEvent | undefined {
    if (line === '') return this.complete();
    const colon = line.indexOf(':');
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (field === 'data') this.data.push(value);
    else if (field === 'event') this.event = value;
    else if (field === 'id' && !value.includes('\0')) this.lastId = value;
    else if (field === 'retry' && /^\d+$/.test(value)) this.retryMs = Number(value);
    return undefined;
  }

  private complete(): ServerEvent | undefined {
    const { event, data } = this;
    this.event = '';
    this.data = [];
    return data.length === 0 ? undefined : { event: event || 'message', data: data.join('\n'), id: this.lastId };
  }
}
