import type { World } from '../../src/command/session.ts';
import type { Timing } from '../../src/api/transport.ts';
import { plain } from '../../src/terminal/paint.ts';
import type { Channel } from '../../src/terminal/terminal.ts';

/** So short that no test waits for anything but what it is about. */
export const quickTiming: Timing = {
  answerMs: 2_000,
  retryMs: [1, 1, 1, 1],
  longestRetryAfterMs: 2_000,
  silenceMs: 2_000,
  reopenMs: 2_000,
};

export interface WorldOptions {
  readonly gateway?: string;
  readonly variables?: Readonly<Record<string, string>>;
  /** Somebody sits at a terminal of so many columns. */
  readonly columns?: number;
  /** What standard input holds. */
  readonly input?: string;
  /** What the person at the terminal answers, in order. */
  readonly answers?: readonly (string | boolean)[];
  readonly signal?: AbortSignal;
  readonly timing?: Partial<Timing>;
}

export interface TestWorld {
  readonly world: World;
  readonly out: () => string;
  readonly err: () => string;
  /** What the person was asked. */
  readonly questions: string[];
}

/** A world in memory, in which nothing of this machine is found. */
export function aWorld(options: WorldOptions = {}): TestWorld {
  const out = aChannel(options.columns);
  const err = aChannel(options.columns);
  const questions: string[] = [];
  const answers = [...(options.answers ?? [])];
  const ask = <T>(question: string): Promise<T> => {
    questions.push(question);
    if (answers.length === 0) throw new Error(`nobody answers "${question}"`);
    return Promise.resolve(answers.shift() as T);
  };
  const world: World = {
    terminal: {
      out: out.channel,
      err: err.channel,
      interactive: options.columns !== undefined,
      readInput: () => Promise.resolve(options.input ?? ''),
    },
    prompt: { secret: ask, confirm: ask },
    variables: {
      XDG_CONFIG_HOME: '/nowhere',
      ...(options.gateway === undefined ? {} : { HOLDFAST_URL: options.gateway, HOLDFAST_TOKEN: 'a-token' }),
      ...options.variables,
    },
    places: [],
    signal: options.signal ?? new AbortController().signal,
    timing: { ...quickTiming, ...options.timing },
    version: '0.0.0-test',
  };
  return { world, out: out.text, err: err.text, questions };
}

function aChannel(columns: number | undefined): { channel: Channel; text: () => string } {
  let text = '';
  const channel: Channel = {
    write: (more) => {
      text += more;
    },
    isTerminal: columns !== undefined,
    columns: () => columns,
    paint: plain,
  };
  return { channel, text: () => text };
}
