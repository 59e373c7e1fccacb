/** What a tier lets a box do and use. */
export interface Tier {
  readonly readOnlyRoot: boolean;
  readonly privileged: boolean;
  readonly hostNetwork: boolean;
  readonly engineSocket: boolean;
  /** Null is no limit. */
  readonly memoryMb: number | null;
  readonly cpus: number | null;
}

const confined = { readOnlyRoot: false, privileged: false, hostNetwork: false, engineSocket: false };
const standard: Tier = { ...confined, memoryMb: 512, cpus: 1 };

const tiers: Readonly<Record<number, Tier>> = {
  1: { ...confined, readOnlyRoot: true, memoryMb: null, cpus: null },
  2: standard,
  3: { ...confined, privileged: true, memoryMb: 2048, cpus: 2 },
  4: { readOnlyRoot: false, privileged: true, hostNetwork: true, engineSocket: true, memoryMb: 4096, cpus: 4 },
};

/** The tiers an operator may change the limits of, and how: `TIER2_MEMORY_MB`, `TIER2_CPU_SHARES` (1024 is one CPU). */
export type TierOverrides = Readonly<Record<string, string | undefined>>;

/** What a tier means here; an unknown one is the standard one. */
export function tierOf(tier: number, overrides: TierOverrides = {}): Tier {
  const known = tiers[tier] ?? standard;
  if (known.memoryMb === null) return known;
  const level = tiers[tier] ? tier : 2;
  const memoryMb = positive(overrides[`TIER${level}_MEMORY_MB`]);
  const shares = positive(overrides[`TIER${level}_CPU_SHARES`]);
  return { ...known, memoryMb: memoryMb ?? known.memoryMb, cpus: shares === null ? known.cpus : shares / 1024 };
}

/** Positive integers only; anything else counts as not given. */
const positive = (text: string | undefined): number | null =>
  text && /^[1-9]\d{0,9}$/.test(text) ? Number(text) : null;
