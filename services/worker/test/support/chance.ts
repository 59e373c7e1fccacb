import type { OperationPort } from '@holdfast/workflows/operation/ports';

/** Chance that can be had again: the same seed makes the same choices, though not the same interleaving. */
export interface Chance {
  readonly seed: number;
  /** At least 0, less than 1. */
  next(): number;
  pick<T>(from: readonly T[]): T;
}

/** @param seed from HOLDFAST_SEED, else a new one; the caller prints it */
export function chance(
  seed: number = Number(process.env['HOLDFAST_SEED'] ?? Math.floor(Math.random() * 2 ** 31)),
): Chance {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return { seed, next, pick: (from) => from[Math.floor(next() * from.length)]! };
}

/** The instants of a bring-up at which something else may come in between. */
export const instants = [
  'at once',
  ...(
    [
      'beginOperation',
      'beginCycle',
      'mintBox',
      'lookAtOperation',
      'finishOperation',
    ] as const satisfies (keyof OperationPort)[]
  ).flatMap((call) => [`before ${call}`, `after ${call}`] as const),
  'before start',
  'inside start',
] as const;
export type Instant = (typeof instants)[number];
