import { parseArgs } from 'node:util';
import type { Figure } from './figure.ts';
import { figures } from './figures/index.ts';

export interface BenchOptions {
  readonly figures: readonly Figure[];
  /** How long each load lasts. */
  readonly seconds: number;
  /** How the result is printed. */
  readonly format: 'table' | 'json' | 'markdown';
  /** Folder for processor profiles; none are made without. */
  readonly profile: string | undefined;
}

const DEFAULT_SECONDS = 8;
const names = figures.map(({ name }) => name).join(', ');

export const usage = `pnpm bench [--only NAME[,NAME…]] [--seconds N] [--json | --markdown] [--profile FOLDER]
  --only     the figures to measure: ${names}
  --seconds  how long each load lasts; ${DEFAULT_SECONDS} unless told
  --json     the result as JSON; progress goes to standard error either way
  --markdown the result as docs/benchmarks.md has it
  --profile  a folder for processor profiles of gateway and workers`;

/** @throws Error in one sentence for an argument that makes no sense */
export function readOptions(args: readonly string[]): BenchOptions | 'help' {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: 'string', multiple: true },
      seconds: { type: 'string', default: String(DEFAULT_SECONDS) },
      json: { type: 'boolean', default: false },
      markdown: { type: 'boolean', default: false },
      profile: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return 'help';
  const seconds = Number(values.seconds);
  if (!(seconds >= 1 && seconds <= 600))
    throw new Error(`--seconds is "${values.seconds}": give a number from 1 to 600.`);
  const only = values.only?.flatMap((text) => text.split(',')).filter((name) => name !== '');
  const unknown = only?.find((name) => !figures.some((figure) => figure.name === name));
  if (unknown !== undefined) throw new Error(`There is no figure "${unknown}": choose from ${names}.`);
  const format = values.json ? 'json' : values.markdown ? 'markdown' : 'table';
  return {
    figures: figures.filter(({ name }) => only?.includes(name) ?? true),
    seconds,
    format,
    profile: values.profile,
  };
}
