import { Refusal } from '@holdfast/activities/failure/refusal';

/**
 * Lets so many pass at a time; the others wait in order. A burst then waits here, where patience is ours, and not in
 * the database driver, which gives up after seconds.
 */
export class Slots {
  private readonly waiting: (() => void)[] = [];
  private free: number;

  constructor(
    size: number,
    private readonly patienceMs: number,
  ) {
    this.free = size;
  }

  /** @throws Refusal PLATFORM_UNAVAILABLE when the turn does not come in time */
  async pass<T>(work: () => Promise<T>): Promise<T> {
    if (this.free > 0) this.free -= 1;
    else await this.turn();
    try {
      return await work();
    } finally {
      const next = this.waiting.shift();
      if (next) next();
      else this.free += 1;
    }
  }

  private turn(): Promise<void> {
    return new Promise((resolve, reject) => {
      const mine = () => {
        clearTimeout(timer);
        resolve();
      };
      const timer = setTimeout(() => {
        this.waiting.splice(this.waiting.indexOf(mine), 1);
        reject(new Refusal('PLATFORM_UNAVAILABLE'));
      }, this.patienceMs);
      this.waiting.push(mine);
    });
  }
}
