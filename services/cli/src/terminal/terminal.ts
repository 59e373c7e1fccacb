import { type Paint, painted, plain } from './paint.ts';

/** One of the two outputs. */
export interface Channel {
  write(text: string): void;
  /** A person looks at it. */
  readonly isTerminal: boolean;
  /** Its width now; undefined when it is no terminal. */
  readonly columns: () => number | undefined;
  readonly paint: Paint;
}

/** What the program is connected to. Results go to `out`; everything said along the way goes to `err`. */
export interface Terminal {
  readonly out: Channel;
  readonly err: Channel;
  /** Somebody is there to answer a question. */
  readonly interactive: boolean;
  /** Standard input as text, to its end. */
  readInput(): Promise<string>;
}

/** The terminal of this process. */
export function processTerminal(): Terminal {
  // A reader that goes away ("| head") wants no more; that is no failure.
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
      process.exit(0);
    });
  }
  return {
    out: channel(process.stdout),
    err: channel(process.stderr),
    interactive: process.stdin.isTTY === true && process.stderr.isTTY === true,
    readInput,
  };
}

function channel(stream: NodeJS.WriteStream): Channel {
  const isTerminal = stream.isTTY === true;
  return {
    write: (text) => void stream.write(text),
    isTerminal,
    // A terminal that nobody gave a size says 0.
    columns: () => (isTerminal && stream.columns > 0 ? stream.columns : undefined),
    // Node's own rule, which knows NO_COLOR, FORCE_COLOR and terminals without colours.
    paint: isTerminal && stream.hasColors() ? painted : plain,
  };
}

async function readInput(): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of process.stdin) parts.push(Buffer.from(part as Uint8Array));
  return Buffer.concat(parts).toString('utf8');
}
