import { randomBytes, randomUUID } from 'node:crypto';
import { CLOUD_START_MS } from '@holdfast/infra/testing/clouds/index';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { waitFor } from '@holdfast/infra/testing/index';
import type { BoxBackend, BoxRef, BoxSpec, SeenBox } from '../src/box/backend.ts';
import type { BackendProblem } from '../src/box/backend-error.ts';

/** A backend with real parts, and what the tests must see of them from outside. */
export interface PortHarness {
  readonly backend: BoxBackend;
  /** The same engine, used by another installation. */
  readonly stranger: BoxBackend;
  readonly image: string;
  /** What the backend needs in a box besides; nothing unless told. */
  readonly every?: () => Partial<BoxSpec>;
  /** False where the cloud gives out no consoles. */
  readonly hasConsole?: boolean;
  /** Leaves what a create leaves whose worker died before it heard the answer. */
  halfHeard(spec: BoxSpec): Promise<void>;
  /** Whether an agent answers at the address. */
  answers(url: string): Promise<boolean>;
  close(): Promise<void>;
}

/** A backend whose boxes are on this machine: one at a time of a workspace, with a disk that outlives it and can be read. */
export interface LocalHarness extends PortHarness {
  /** A file of the configuration directory; null when it is not there. */
  readConfig(workspaceId: string, name: string): Promise<{ text: string; mode: number | null } | null>;
  /** Whether the directory with the workspace's own work is there. */
  hasWork(workspaceId: string): Promise<boolean>;
}

/** What the tests of a port share. */
export interface PortSuite<T extends PortHarness> {
  harness(): T;
  box(): BoxBackend;
  spec(over?: Partial<BoxSpec>): BoxSpec;
  /** A newer box of the same workspace. */
  next(older: BoxSpec): BoxSpec;
  refOf(spec: BoxSpec): BoxRef;
  listed(backend: BoxBackend, of: BoxSpec): Promise<SeenBox[]>;
}

let lastBorn = Date.now();

export function aSpec(image: string, over: Partial<BoxSpec> = {}): BoxSpec {
  lastBorn += 1;
  return {
    boxId: randomUUID(),
    workspaceId: randomUUID(),
    born: new Date(lastBorn),
    runtime: 'reference',
    image,
    tier: 2,
    platform: { platformUrl: 'http://127.0.0.1:9' },
    env: {},
    config: { files: [{ path: 'config.yaml', content: Buffer.from('name: "first"\n') }], overwrite: true },
    credentials: { token: randomBytes(32).toString('base64url'), inboundSecret: randomBytes(32).toString('base64url') },
    workspaceDir: null,
    workspaceAccess: 'none',
    resetSession: false,
    ...over,
  };
}

export const problem = (name: BackendProblem) => expect.objectContaining({ name: 'BackendError', problem: name });
/** The real thing may have to be started first, and two cores are slow at that. */
const OPEN_LIMIT_MS = CLOUD_START_MS;

export const never = new AbortController().signal;

/**
 * What every backend promises. The same tests run on each, with the real thing behind it.
 * @param isHere false where this machine has no such thing
 * @param more what it promises besides
 */
export function describeBoxPort<T extends PortHarness>(
  name: string,
  open: () => Promise<T>,
  isHere = true,
  more: (suite: PortSuite<T>) => void = () => undefined,
): void {
  describe.skipIf(!isHere)(`box port on ${name}`, () => {
    let harness: T;
    let box: BoxBackend;
    beforeAll(async () => {
      harness = await open();
      box = harness.backend;
    }, OPEN_LIMIT_MS);
    afterAll(async () => {
      for (const backend of [box, harness.stranger]) {
        const left = await backend.list();
        await Promise.all(left.map((ref) => backend.stop(ref)));
        const workspaces = new Set([...left.map(({ workspaceId }) => workspaceId), ...used]);
        await Promise.all([...workspaces].map((workspaceId) => backend.removeVolumes(workspaceId, { purge: true })));
      }
      await harness.close();
    });
    const used = new Set<string>();
    const spec = (over: Partial<BoxSpec> = {}): BoxSpec => {
      const made = aSpec(harness.image, { ...harness.every?.(), ...over });
      used.add(made.workspaceId);
      return made;
    };
    const next = (older: BoxSpec): BoxSpec => spec({ workspaceId: older.workspaceId });
    const refOf = ({ boxId, workspaceId, cloud }: BoxSpec): BoxRef => ({
      boxId,
      workspaceId,
      externalId: null,
      provider: cloud?.provider ?? null,
    });
    const listed = async (backend: BoxBackend, { workspaceId }: BoxSpec) =>
      (await backend.list()).filter((seen) => seen.workspaceId === workspaceId);

    more({ harness: () => harness, box: () => box, spec, next, refOf, listed });

    test('starts an agent that answers at the address it gives', async () => {
      const wanted = spec();
      const started = await box.start(wanted, never);
      await waitFor(() => harness.answers(started.url), { what: `an answer at ${started.url}` });
      expect(await box.isRunning(refOf(wanted))).toEqual({ running: true });
      expect(await listed(box, wanted)).toMatchObject([
        {
          boxId: wanted.boxId,
          workspaceId: wanted.workspaceId,
          externalId: started.externalId,
          running: true,
          born: expect.any(Date),
        },
      ]);
    });

    test('finds the box again when it is started twice', async () => {
      const wanted = spec();
      const first = await box.start(wanted, never);
      expect(await box.start(wanted, never)).toEqual(first);
      expect(await listed(box, wanted)).toHaveLength(1);
    });

    test('makes one box of two starts at the same time', async () => {
      const wanted = spec();
      const [one, other] = await Promise.all([box.start(wanted, never), box.start(wanted, never)]);
      expect(one).toEqual(other);
      expect(await listed(box, wanted)).toHaveLength(1);
    });

    test('finds the child of a create whose answer nobody heard', async () => {
      const wanted = spec();
      await harness.halfHeard(wanted);
      const started = await box.start(wanted, never);
      await waitFor(() => harness.answers(started.url));
      expect(await listed(box, wanted)).toHaveLength(1);
    });

    test('stops the child of a create whose answer nobody heard', async () => {
      const wanted = spec();
      await harness.halfHeard(wanted);
      expect(await box.stop(refOf(wanted))).toBe('stopped');
      expect(await listed(box, wanted)).toEqual([]);
    });

    test('finds a box that has registered without its credentials, and makes none without them', async () => {
      const wanted = spec();
      const started = await box.start(wanted, never);
      expect(await box.start({ ...wanted, credentials: null }, never)).toEqual(started);
      await expect(box.start(spec({ credentials: null }), never)).rejects.toEqual(problem('credentialsGone'));
    });

    test('stops a box for good, however often it is told', async () => {
      const wanted = spec();
      const { url } = await box.start(wanted, never);
      expect(await box.stop(refOf(wanted))).toBe('stopped');
      expect(await box.isRunning(refOf(wanted))).toEqual({ running: false });
      expect(await harness.answers(url)).toBe(false);
      await expect(box.stop(refOf(wanted))).resolves.toMatch(/stopped|absent/);
      expect(await listed(box, wanted)).toEqual([]);
    });

    test('says of a box that never was that nothing is there', async () => {
      const never = spec();
      expect(await box.stop(refOf(never))).toBe('absent');
      expect(await box.isRunning(refOf(never))).toEqual({ running: false });
      expect(await box.console(refOf(never))).toBe('');
    });

    test('stops only the box it is told to', async () => {
      const older = spec();
      const newer = next(older);
      const { url } = await box.start(newer, never);
      await waitFor(() => harness.answers(url));
      await box.stop(refOf(older));
      expect(await harness.answers(url)).toBe(true);
    });

    test('starts nothing once it is aborted', async () => {
      const wanted = spec();
      await expect(box.start(wanted, AbortSignal.abort())).rejects.toThrow();
      expect(await listed(box, wanted)).toEqual([]);
    });

    test('shows the last output of a box', async () => {
      const wanted = spec();
      const { externalId } = await box.start(wanted, never);
      const ref = { ...refOf(wanted), externalId };
      if (harness.hasConsole ?? true) await waitFor(async () => (await box.console(ref)) !== '', { what: 'output' });
      else await expect(box.console(ref)).rejects.toEqual(problem('refused'));
    });

    test('leaves the boxes of another owner alone', async () => {
      const theirs = spec();
      const { url } = await harness.stranger.start(theirs, never);
      await waitFor(() => harness.answers(url));
      expect(await listed(box, theirs)).toEqual([]);
      expect(await box.stop(refOf(theirs))).toBe('absent');
      expect(await box.isRunning(refOf(theirs))).toEqual({ running: false });
      await box.removeVolumes(theirs.workspaceId, { purge: true });
      expect(await harness.answers(url)).toBe(true);
      expect(await listed(harness.stranger, theirs)).toHaveLength(1);
    });
  });
}
