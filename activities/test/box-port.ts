import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { waitFor } from '@holdfast/infra/testing/index';
import type { BoxBackend, BoxSpec } from '../src/box/backend.ts';
import type { BackendProblem } from '../src/box/backend-error.ts';

/** A backend with real parts, and what the tests must see of them from outside. */
export interface PortHarness {
  readonly backend: BoxBackend;
  /** The same engine, used by another installation. */
  readonly stranger: BoxBackend;
  readonly image: string;
  /** Leaves what a create leaves whose worker died before it heard the answer. */
  halfHeard(spec: BoxSpec): Promise<void>;
  /** A file of the configuration directory; null when it is not there. */
  readConfig(workspaceId: string, name: string): Promise<{ text: string; mode: number | null } | null>;
  /** Whether the directory with the workspace's own work is there. */
  hasWork(workspaceId: string): Promise<boolean>;
  /** Whether an agent answers at the address. */
  answers(url: string): Promise<boolean>;
  close(): Promise<void>;
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
export const never = new AbortController().signal;

/**
 * What every backend promises. The same tests run on each, with the real thing behind it.
 * @param isHere false where this machine has no such thing
 */
export function describeBoxPort(name: string, open: () => Promise<PortHarness>, isHere = true): void {
  describe.skipIf(!isHere)(`box port on ${name}`, () => {
    let harness: PortHarness;
    let box: BoxBackend;
    beforeAll(async () => {
      harness = await open();
      box = harness.backend;
    });
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
      const made = aSpec(harness.image, over);
      used.add(made.workspaceId);
      return made;
    };
    const next = (older: BoxSpec): BoxSpec => spec({ workspaceId: older.workspaceId });
    const refOf = ({ boxId, workspaceId }: BoxSpec) => ({ boxId, workspaceId, externalId: null });
    const listed = async (backend: BoxBackend, { workspaceId }: BoxSpec) =>
      (await backend.list()).filter((seen) => seen.workspaceId === workspaceId);

    test('starts an agent that answers at the address it gives', async () => {
      const wanted = spec();
      const started = await box.start(wanted, never);
      await waitFor(() => harness.answers(started.url), { what: `an answer at ${started.url}` });
      expect(await box.isRunning(refOf(wanted))).toEqual({ running: true });
      expect(await listed(box, wanted)).toEqual([
        {
          boxId: wanted.boxId,
          workspaceId: wanted.workspaceId,
          externalId: started.externalId,
          running: true,
          born: wanted.born,
        },
      ]);
    });

    test('puts configuration and credentials into place, the credentials for its owner only', async () => {
      const files = [
        { path: 'config.yaml', content: Buffer.from('name: "x"\n') },
        { path: 'prompts/deep/system.md', content: Buffer.from('be brief') },
      ];
      const wanted = spec({ config: { files, overwrite: true } });
      await box.start(wanted, never);
      const read = (file: string) => harness.readConfig(wanted.workspaceId, file);
      expect(await read('config.yaml')).toMatchObject({ text: 'name: "x"\n' });
      expect(await read('prompts/deep/system.md')).toMatchObject({ text: 'be brief' });
      for (const [file, text] of [
        ['.auth_token', wanted.credentials?.token],
        ['.platform_inbound_secret', wanted.credentials?.inboundSecret],
      ] as const) {
        const found = await read(file);
        expect(found?.text).toBe(text);
        expect([0o600, null]).toContain(found?.mode);
      }
    });

    test('keeps the configuration that is there unless it is to be overwritten, and brings new credentials', async () => {
      const first = spec();
      await box.start(first, never);
      const files = [{ path: 'config.yaml', content: Buffer.from('name: "second"\n') }];
      const kept = { ...next(first), config: { files, overwrite: false } };
      await box.start(kept, never);
      expect((await harness.readConfig(first.workspaceId, 'config.yaml'))?.text).toBe('name: "first"\n');
      expect((await harness.readConfig(first.workspaceId, '.auth_token'))?.text).toBe(kept.credentials?.token);
      await box.start({ ...next(first), config: { files, overwrite: true } }, never);
      expect((await harness.readConfig(first.workspaceId, 'config.yaml'))?.text).toBe('name: "second"\n');
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

    test('removes an older box of the workspace that stands in the way', async () => {
      const older = spec();
      await box.start(older, never);
      const newer = next(older);
      const started = await box.start(newer, never);
      await waitFor(() => harness.answers(started.url));
      expect((await listed(box, older)).map(({ boxId }) => boxId)).toEqual([newer.boxId]);
    });

    test('gives way to a newer box of the workspace', async () => {
      const older = spec();
      const newer = next(older);
      const { url } = await box.start(newer, never);
      await waitFor(() => harness.answers(url));
      await expect(box.start(older, never)).rejects.toEqual(problem('newer'));
      expect(await harness.answers(url)).toBe(true);
      expect((await harness.readConfig(newer.workspaceId, '.auth_token'))?.text).toBe(newer.credentials?.token);
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
      await box.start(wanted, never);
      await waitFor(async () => (await box.console(refOf(wanted))) !== '', { what: 'output' });
    });

    test('leaves the boxes and volumes of another owner alone', async () => {
      const theirs = spec();
      const { url } = await harness.stranger.start(theirs, never);
      await waitFor(() => harness.answers(url));
      expect(await listed(box, theirs)).toEqual([]);
      expect(await box.stop(refOf(theirs))).toBe('absent');
      expect(await box.isRunning(refOf(theirs))).toEqual({ running: false });
      await box.removeVolumes(theirs.workspaceId, { purge: true });
      await expect(box.start(next(theirs), never)).rejects.toEqual(problem('nameTaken'));
      expect(await harness.answers(url)).toBe(true);
      expect((await harness.readConfig(theirs.workspaceId, '.auth_token'))?.text).toBe(theirs.credentials?.token);
      await harness.stranger.stop(refOf(theirs));
      await expect(box.start(next(theirs), never)).rejects.toEqual(problem('nameTaken'));
    });

    test('knows whether a workspace has a configuration, with a box and without', async () => {
      const wanted = spec();
      const has = () => box.hasConfig(wanted.workspaceId, harness.image);
      expect(await has()).toBe(false);
      await box.start({ ...wanted, config: { files: [], overwrite: true } }, never);
      expect(await has()).toBe(false);
      const second = next(wanted);
      await box.start(second, never);
      expect(await has()).toBe(true);
      await box.stop(refOf(second));
      expect(await has()).toBe(true);
    });

    test('removes what a workspace left, its own work only on a purge', async () => {
      const wanted = spec();
      await box.start(wanted, never);
      await box.stop(refOf(wanted));
      const left = async (of: BoxBackend) =>
        (await of.listVolumes())
          .filter(({ workspaceId }) => workspaceId === wanted.workspaceId)
          .map(({ isWork }) => isWork);
      expect((await left(box)).sort((a, b) => Number(a) - Number(b))).toEqual([false, true]);
      expect(await left(harness.stranger)).toEqual([]);
      await box.removeVolumes(wanted.workspaceId, { purge: false });
      expect(await left(box)).toEqual([true]);
      expect(await harness.readConfig(wanted.workspaceId, 'config.yaml')).toBeNull();
      expect(await harness.readConfig(wanted.workspaceId, '.auth_token')).toBeNull();
      expect(await harness.hasWork(wanted.workspaceId)).toBe(true);
      await box.removeVolumes(wanted.workspaceId, { purge: true });
      expect(await harness.hasWork(wanted.workspaceId)).toBe(false);
      expect(await left(box)).toEqual([]);
      await expect(box.removeVolumes(wanted.workspaceId, { purge: true })).resolves.toBeUndefined();
    });
  });
}
