import type { Scene } from './scene.ts';
import type { Stage } from './stage.ts';

/** Something that must be true after an act. */
export interface Claim {
  readonly says: string;
  readonly holds: boolean;
}

/** One act of a story: what it shows, what is typed, and what must be true then. */
export interface Act {
  readonly shows: string;
  /** What happens to the clouds before. */
  readonly before?: (stage: Stage) => void;
  /** The words after `holdfast`. */
  readonly command: readonly string[];
  /** How the command ends. */
  readonly exit: number;
  readonly claims: (scene: Scene) => readonly Claim[];
}

/** What came of an act. */
export interface Played {
  readonly shows: string;
  readonly command: string;
  readonly exit: number | null;
  readonly took_ms: number;
  readonly clouds: Scene['clouds'];
  readonly claims: readonly Claim[];
}
