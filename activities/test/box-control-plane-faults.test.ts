import { CLOUD_START_MS } from '@holdfast/infra/testing/clouds/index';
import { waitFor } from '@holdfast/infra/testing/index';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { BoxBackend, BoxRef, BoxSpec } from '../src/box/backend.ts';
import { never } from './box-port.ts';
import { aCloudSpec, type CloudRig, givenClouds } from './control-plane-given.ts';

const clouds = ['aws', 'hetzner', 'gcp'] as const;

/** Long enough for a slow machine, and then it is a leak. */
const SETTLE_MS = 60_000;

describe.each(clouds)('a lying %s', (provider) => {
  let rig: CloudRig;
  let box: BoxBackend;
  beforeAll(async () => {
    rig = await givenClouds([provider]);
    box = rig.backend({ owner: 'ours' });
  }, CLOUD_START_MS);
  afterEach(() => rig.clouds[0]?.faults.clear());
  afterAll(() => rig.close());

  const cloud = () => {
    const [only] = rig.clouds;
    if (!only) throw new Error('no cloud');
    return only;
  };
  const spec = () => aCloudSpec({}, { provider });
  const refOf = ({ boxId, workspaceId }: BoxSpec): BoxRef => ({ boxId, workspaceId, externalId: null, provider });
  const machines = ({ boxId }: BoxSpec) =>
    cloud()
      .machines()
      .filter(({ userData }) => userData.includes(boxId));
  const startedAtLast = (wanted: BoxSpec) =>
    waitFor(
      () =>
        box.start(wanted, never).then(
          () => true,
          () => false,
        ),
      { timeoutMs: SETTLE_MS, what: 'a start' },
    );
  /** A stop may have to wait until no create can come out any more; the machine is gone long before. */
  const endedAtLast = (wanted: BoxSpec) =>
    waitFor(
      async () => {
        await box.stop(refOf(wanted)).catch(() => undefined);
        return machines(wanted).length === 0;
      },
      { timeoutMs: SETTLE_MS, what: 'the end of the machine' },
    );

  test.each(['lost', 'unheard', 'late', 'doubled', 'throttled', 'capacity', 'unavailable'] as const)(
    'makes one machine of a box whose create is %s, and none is left of it',
    async (fault) => {
      const wanted = spec();
      cloud().faults.plan('create', fault);
      await startedAtLast(wanted);
      await cloud().faults.release();
      await waitFor(() => machines(wanted).length === 1, { timeoutMs: SETTLE_MS, what: 'one machine' });
      await endedAtLast(wanted);
    },
    2 * SETTLE_MS,
  );

  test.each(['lost', 'unheard', 'throttled', 'unavailable'] as const)(
    'ends a machine whose end is %s',
    async (fault) => {
      const wanted = spec();
      await box.start(wanted, never);
      cloud().faults.plan('end', fault);
      await endedAtLast(wanted);
      expect(await box.isRunning(refOf(wanted))).toEqual({ running: false });
    },
    2 * SETTLE_MS,
  );

  test(
    'never says of a box that it is gone while its create may still come out',
    async () => {
      const wanted = spec();
      cloud().faults.plan('create', 'late', 50);
      await box.start(wanted, never).catch(() => undefined);
      cloud().faults.clear();
      await expect(box.stop(refOf(wanted))).rejects.toMatchObject({ problem: 'ending' });
    },
    2 * SETTLE_MS,
  );

  test(
    'cannot tell whether a box is there whose agent has registered, while its cloud does not answer',
    async () => {
      const wanted = spec();
      await box.start(wanted, never);
      cloud().faults.plan('list', 'unavailable', 50);
      await expect(box.start({ ...wanted, credentials: null }, never)).rejects.toMatchObject({ problem: 'failed' });
    },
    2 * SETTLE_MS,
  );

  test(
    'ends one that is terminated under us as one that is gone',
    async () => {
      const wanted = spec();
      const { externalId } = await box.start(wanted, never);
      await cloud().end(externalId);
      expect(await box.isRunning({ ...refOf(wanted), externalId })).toEqual({ running: false });
      expect(await box.stop({ ...refOf(wanted), externalId })).toBe('stopped');
    },
    2 * SETTLE_MS,
  );
});
