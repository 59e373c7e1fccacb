import { hasDocker } from '@holdfast/infra/testing/index';
import { afterAll, afterEach, beforeAll, beforeEach, describe } from 'vitest';
import { dockerPlace, type Fleet, fleetAt, liarPlace, type Place, processPlace } from './fleet.ts';
import type { LoopKit } from './loop-kit.ts';

/** Where a test stands: a place, and a host with its boxes there that is this test's own. */
export interface Ground {
  readonly place: Place;
  readonly fleet: Fleet;
}

/** The same tests wherever boxes are. */
export function describeOnEveryPlace(kit: LoopKit, what: string, tests: (on: Ground) => void): void {
  describe.each([
    ['a lying engine', async () => liarPlace(), true],
    ['Docker', dockerPlace, 'engine'],
    ['processes', processPlace, true],
  ] as const)(`${what} on %s`, (_, open, needs) => {
    describe.skipIf(needs === 'engine' && !hasDocker())('works', () => {
      const on = {} as { place: Place; fleet: Fleet };
      beforeAll(async () => {
        on.place = await open();
      });
      beforeEach(() => {
        on.fleet = fleetAt(kit.db, on.place);
      });
      afterEach(() => on.fleet.clear());
      afterAll(() => on.place.close());
      tests(on);
    });
  });
}
