import {
  CLOUD_START_MS,
  type Cloud,
  startEc2Cloud,
  startGcpCloud,
  startHetznerCloud,
} from '@holdfast/infra/testing/clouds/index';
import { testDatabase } from '@holdfast/infra/testing/index';
import { afterAll, afterEach, beforeAll } from 'vitest';
import { aProvision, type Client, clientOf } from './client.ts';
import { startControlPlane, type TestControlPlane, tenants } from './control-plane.ts';

/** A control plane with all its clouds and two tenants, for the tests of its routes. */
export interface Fleet {
  readonly clouds: readonly Cloud[];
  readonly hetzner: Cloud;
  readonly gcp: Cloud;
  readonly plane: TestControlPlane;
  readonly one: Client;
  readonly two: Client;
  cloud(name: string): Cloud;
  /** The machines of a box, wherever they run. */
  machinesOf(boxId: string): ReturnType<Cloud['machines']>;
  /** A box that is there: what was asked for, and the id of its instance. */
  given(over?: Readonly<Record<string, unknown>>): Promise<ReturnType<typeof aProvision> & { instance_id: string }>;
  clearFaults(): void;
  stop(): Promise<void>;
}

export let fleet: Fleet;

/**
 * One fleet for the tests of a file.
 * @param emulated whether aws is among its clouds: its emulator takes a second or two to start
 */
export function useFleet({ emulated = true } = {}): void {
  beforeAll(async () => {
    fleet = await startFleet(emulated);
  }, CLOUD_START_MS);
  afterEach(() => fleet.clearFaults());
  afterAll(() => fleet.stop());
}

async function startFleet(emulated: boolean): Promise<Fleet> {
  const [db, hetzner, gcp, ...more] = await Promise.all([
    testDatabase(),
    startHetznerCloud(),
    startGcpCloud(),
    ...(emulated ? [startEc2Cloud()] : []),
  ]);
  const clouds = [hetzner, gcp, ...more];
  const plane = await startControlPlane({ databaseUrl: db.url, clouds });
  const one = clientOf(plane.url, tenants.one);
  return {
    clouds,
    hetzner,
    gcp,
    plane,
    one,
    two: clientOf(plane.url, tenants.two),
    cloud(name) {
      const found = clouds.find((cloud) => cloud.name === name);
      if (!found) throw new RangeError(`there is no cloud ${name}`);
      return found;
    },
    machinesOf: (boxId) =>
      clouds.flatMap((cloud) => cloud.machines()).filter(({ userData }) => userData.includes(boxId)),
    async given(over = {}) {
      const body = aProvision(over);
      const { body: made } = await one.provision(body);
      return { ...body, instance_id: String(made['instance_id']) };
    },
    clearFaults: () => clouds.forEach((cloud) => cloud.faults.clear()),
    async stop() {
      await plane.stop();
      await Promise.all(clouds.map((cloud) => cloud.stop()));
      await db.dispose();
    },
  };
}
