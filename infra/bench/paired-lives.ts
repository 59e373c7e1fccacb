import { each, type Load } from './load.ts';
import type { Pair } from './pairs.ts';
import { type Lives, type Verb, verbs } from './verbs.ts';

/** `spentMs` is processor time for one of them; NaN where it cannot be told. */
export type Lived = Load & { readonly spentMs: number };

export interface PairedLivesOptions {
  readonly tell: (what: string) => void;
  readonly rounds: number;
  /** How many live together, and how many of them are asked at a time. */
  readonly size: number;
  readonly callers: number;
  readonly ours: () => Lives;
  readonly raw: () => Lives;
}

/**
 * Every verb on ours and on the raw thing in turns, so that what else the machine does hits both alike. The first round,
 * which pays for what is loaded once, does not count.
 */
export async function pairedLives(options: PairedLivesOptions): Promise<Map<Verb, Pair<Lived>[]>> {
  const { tell, rounds, size, callers } = options;
  const lived = new Map<Verb, Pair<Lived>[]>(verbs.map((verb) => [verb, []]));
  const live = async (lives: Lives, verb: Verb): Promise<Lived> => {
    await lives.prepare(verb, size);
    const before = lives.spentMs?.() ?? Number.NaN;
    const load = await each(callers, size, (turn) => lives.act(verb, turn));
    return { ...load, spentMs: ((lives.spentMs?.() ?? Number.NaN) - before) / size };
  };
  for (let round = 0; round <= rounds; round += 1) {
    const [ours, raw] = [options.ours(), options.raw()];
    tell(`${size} together, round ${round} of ${rounds}`);
    for (const verb of verbs) {
      const pair = { ours: await live(ours, verb), raw: await live(raw, verb) };
      if (round > 0) lived.get(verb)?.push(pair);
    }
  }
  return lived;
}
