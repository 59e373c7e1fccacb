import { setTimeout as pause } from 'node:timers/promises';

/** Random numbers that a printed seed repeats (mulberry32). */
export function chance(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** The seed of this run: HOLDFAST_SEED repeats an earlier one. */
export function seedOfRun(name: string): number {
  const seed = Number(process.env['HOLDFAST_SEED'] ?? Date.now() % 1_000_000);
  console.log(`${name}: seed ${seed} (HOLDFAST_SEED=${seed} repeats it)`);
  return seed;
}

/** Lets a fault fall at any instant of what goes on meanwhile. */
export const atSomeInstant = (random: () => number, withinMs: number): Promise<void> => pause(random() * withinMs);
