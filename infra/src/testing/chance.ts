import { setTimeout as pause } from 'node:timers/promises';

/** Chance that can be had again: the same seed makes the same choices, though not the same interleaving. */
export interface Chance {
  readonly seed: number;
  /** At least 0, less than 1. */
  next(): number;
  pick<T>(from: readonly T[]): T;
}

/** What a seed makes (mulberry32). */
export function chance(seed: number): Chance {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return { seed, next, pick: (from) => from[Math.floor(next() * from.length)] as (typeof from)[number] };
}

/** HOLDFAST_SEED asks for an earlier run again. */
const asked = process.env['HOLDFAST_SEED'];

/** The chance of this run, whose seed is printed. */
export function chanceOf(name: string): Chance {
  const seed = Number(asked ?? Math.floor(Math.random() * 2 ** 31));
  console.log(`${name}: seed ${seed} (HOLDFAST_SEED=${seed} repeats it)`);
  return chance(seed);
}

/** For fast-check, which makes a seed of its own and prints it when something is wrong. */
export const askedSeed: { readonly seed?: number } = asked === undefined ? {} : { seed: Number(asked) };

/** Lets a fault fall at any instant of what goes on meanwhile. */
export const atSomeInstant = ({ next }: Chance, withinMs: number): Promise<void> => pause(next() * withinMs);
