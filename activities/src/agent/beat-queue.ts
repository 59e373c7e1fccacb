import { broadcast } from '../event/broadcast.ts';
import { Refusal } from '../failure/refusal.ts';
import { type Beat, storableBeat } from './beat.ts';
import { type BeatOutcome, type BeatParts, writeBeats } from './beat-write.ts';

export interface BeatQueueSettings {
  /** How long a beat waits for others, in milliseconds. */
  readonly windowMs: number;
  /** Beats in one transaction. */
  readonly largestBatch: number;
  /** How long a beat waits for a row that somebody holds, in milliseconds. */
  readonly patienceMs: number;
}

export const defaultBeatQueueSettings: BeatQueueSettings = { windowMs: 10, largestBatch: 500, patienceMs: 5_000 };

interface Waiting {
  readonly beat: Beat;
  readonly since: number;
  readonly resolve: (outcome: BeatOutcome) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Gathers the beats of all agents into few transactions. Each is answered after the commit that holds it; beats of one
 * workspace are written one after the other, in the order they came.
 */
export class BeatQueue {
  private readonly parts: BeatParts;
  private readonly settings: BeatQueueSettings;
  private waiting: Waiting[] = [];
  private timer: NodeJS.Timeout | null = null;
  private writing = false;

  constructor(parts: BeatParts, settings: BeatQueueSettings = defaultBeatQueueSettings) {
    this.parts = parts;
    this.settings = settings;
  }

  /** @throws Refusal INTERNAL when it could not be written */
  submit(beat: Beat): Promise<BeatOutcome> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ beat: storableBeat(beat), since: performance.now(), resolve, reject });
      this.schedule(this.settings.windowMs);
    });
  }

  private schedule(delayMs: number): void {
    if (this.writing || this.timer) return;
    this.timer = setTimeout(() => void this.flush(), delayMs);
  }

  private async flush(): Promise<void> {
    this.timer = null;
    this.writing = true;
    const batch = this.take();
    const held = await this.write(batch);
    this.writing = false;
    const others = this.waiting.length;
    this.waiting.unshift(...held);
    // Who came during the write has waited long enough; a row that is held is looked at again a little later.
    if (this.waiting.length > 0) this.schedule(others > 0 ? 0 : this.settings.windowMs);
  }

  /** The oldest beats, at most one of each workspace. */
  private take(): Waiting[] {
    const taken = new Map<string, Waiting>();
    const rest: Waiting[] = [];
    for (const one of this.waiting) {
      const { workspaceId } = one.beat;
      if (taken.size < this.settings.largestBatch && !taken.has(workspaceId)) taken.set(workspaceId, one);
      else rest.push(one);
    }
    this.waiting = rest;
    return [...taken.values()];
  }

  /** Answers the batch; returns those whose row is held and who can still wait. */
  private async write(batch: readonly Waiting[]): Promise<Waiting[]> {
    try {
      const { outcomes, events } = await writeBeats(
        this.parts,
        batch.map(({ beat }) => beat),
      );
      const held: Waiting[] = [];
      for (const [place, outcome] of outcomes.entries()) {
        const one = batch[place];
        if (outcome.effect !== 'held') one?.resolve(outcome);
        else if (one && performance.now() - one.since < this.settings.patienceMs) held.push(one);
        else one?.reject(failed());
      }
      await broadcast(this.parts.db, events).catch((error: unknown) =>
        this.parts.onTrouble('beats could not be broadcast', error),
      );
      return held;
    } catch (error) {
      this.parts.onTrouble('beats could not be written', error);
      for (const { reject } of batch) reject(failed());
      return [];
    }
  }
}

const failed = () => new Refusal('INTERNAL', 'failed to update');
