import type { Floor } from './floor.ts';
import { temporalTime } from './processor-times.ts';
import type { Stage } from './stage.ts';
import { usageOf } from './usage.ts';
import type { Lives } from './verbs.ts';

/** The bare workflow in the place of every verb. */
export class FloorLives implements Lives {
  private readonly stage: Stage;
  private readonly floor: Floor;

  constructor(stage: Stage, floor: Floor) {
    this.stage = stage;
    this.floor = floor;
  }

  async prepare(): Promise<void> {}

  async act(): Promise<void> {
    await this.floor.run();
  }

  spentMs(): number {
    return usageOf(this.floor.pid).cpuMs + temporalTime(this.stage);
  }
}
