import { CancelledFailure } from '@temporalio/common';
import { type TestDatabase, testDatabase } from '@holdfast/infra/testing/index';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { BoxBackend } from '../src/box/backend.ts';
import type { BoxSettings } from '../src/box/box-context.ts';
import { startBox } from '../src/box/start-box.ts';
import { LiarEngine, liarBackend } from '../src/box/testing/liar.ts';
import { saveGlobalSecret } from '../src/secret/global-secrets.ts';
import { writeWorkspaceSecret } from '../src/secret/workspace-secrets.ts';
import { aPulse, type BoxRig, boxRig, type GivenBox, givenBox, givenOperation, rowOf, takenOver } from './box-given.ts';

let test_: TestDatabase;
beforeAll(async () => {
  test_ = await testDatabase();
});
afterAll(() => test_.dispose());
const db = () => test_.database;
const start = (rig: BoxRig, given: GivenBox, pulse = aPulse()) => startBox(rig.context, given.startOrder, pulse);
const startFailed = (nonRetryable: boolean) =>
  expect.objectContaining({ type: 'START_FAILED', message: 'workspace start failed', nonRetryable });
const workspaceOf = ({ workspaceId }: GivenBox) => db().workspace.findUniqueOrThrow({ where: { id: workspaceId } });
const [onlyChild, childrenOf] = [
  ({ engine }: BoxRig) => {
    expect(engine.children.size).toBe(1);
    return [...engine.children.values()][0] as NonNullable<ReturnType<LiarEngine['children']['get']>>;
  },
  ({ engine }: BoxRig) => engine.children.size,
];

/** The engine of the rig, with something that happens around its start. */
const around = (wrap: (real: BoxBackend) => Partial<BoxBackend>) => (engine: LiarEngine, owner: string) => {
  const real = liarBackend(engine, owner);
  return [{ ...real, ...wrap(real) }];
};

/** A rig on which something happens between the start at the engine and its answer. */
function interrupted(settings: Partial<BoxSettings> = {}, backend: Partial<BoxBackend> = {}) {
  let happens = (): Promise<unknown> => Promise.resolve();
  const backends = around((real) => ({
    start: async (spec, signal) => {
      const started = await real.start(spec, signal);
      await happens();
      return started;
    },
    ...backend,
  }));
  return { rig: boxRig(db(), { ...settings, backends }), meanwhile: (what: typeof happens) => void (happens = what) };
}

describe('starting a box', () => {
  test('brings up what its rows say and notes where it is', async () => {
    const rig = boxRig(db(), { awarenessUrl: 'http://aware' });
    const { workspaceId: parentId } = await givenOperation(rig);
    const given = await givenBox(
      rig,
      await givenOperation(rig, 'provision', {
        name: 'Bot',
        role: 'reviewer',
        parentId,
        awarenessNamespace: 'workspace:x',
        tier: 3,
      }),
    );
    await saveGlobalSecret(db(), rig.context.cipher, { key: 'SHARED', value: 'global' });
    await saveGlobalSecret(db(), rig.context.cipher, { key: 'ONLY_GLOBAL', value: 'global' });
    await writeWorkspaceSecret(db(), rig.context.cipher, {
      workspaceId: given.workspaceId,
      key: 'SHARED',
      value: 'own',
    });
    await start(rig, given);
    await db().globalSecret.deleteMany();
    const { spec, externalId } = onlyChild(rig);
    expect(spec).toMatchObject({
      boxId: given.boxId,
      workspaceId: given.workspaceId,
      runtime: 'reference',
      image: 'reference:1',
      tier: 3,
      platform: { platformUrl: 'http://platform:8080', awareness: { namespace: 'workspace:x', url: 'http://aware' } },
      env: {
        SHARED: 'own',
        ONLY_GLOBAL: 'global',
        MOLECULE_AGENT_ROLE: 'reviewer',
        PARENT_ID: parentId,
        GIT_AUTHOR_NAME: 'Molecule AI Bot',
      },
      credentials: { token: given.credentials.token, inboundSecret: given.credentials.inboundSecret },
      config: { overwrite: true },
    });
    expect(await rowOf(rig, given)).toMatchObject({
      state: 'running',
      externalId,
      url: `liar://${externalId}`,
      createBegunAt: null,
    });
    expect((await rowOf(rig, given)).startedAt).not.toBeNull();
    expect(await workspaceOf(given)).toMatchObject({ url: `liar://${externalId}`, status: 'provisioning' });
  });

  test.each([
    ['PARENT_ID', { parentId: null }],
    ['MOLECULE_AGENT_ROLE', { role: '' }],
  ])('says nothing of %s where there is none', async (name, workspace) => {
    const rig = boxRig(db());
    await start(rig, await givenBox(rig, await givenOperation(rig, 'provision', workspace)));
    expect(onlyChild(rig).spec.env).not.toHaveProperty(name);
  });

  test('keeps what is configured at every bring-up after the first', async () => {
    const rig = boxRig(db());
    await start(rig, await givenBox(rig, await givenOperation(rig, 'restart')));
    expect(onlyChild(rig).spec.config.overwrite).toBe(false);
  });

  test('takes the host directory of the workspace, else that of the installation', async () => {
    for (const [workspaceDir, expected] of [
      ['/own', '/own'],
      [null, '/all'],
    ] as const) {
      const rig = boxRig(db(), { workspaceDir: '/all' });
      await start(
        rig,
        await givenBox(rig, await givenOperation(rig, 'provision', { workspaceDir, workspaceAccess: 'read_only' })),
      );
      expect(onlyChild(rig).spec).toMatchObject({ workspaceDir: expected, workspaceAccess: 'read_only' });
    }
  });

  test('does nothing when it was done already', async () => {
    const rig = boxRig(db());
    const given = await givenBox(rig);
    await start(rig, given);
    await start(rig, given);
    expect(rig.engine.heard).toEqual(['start']);
  });

  test('does nothing for a workspace that another operation has taken over', async () => {
    const rig = boxRig(db());
    const given = await givenBox(rig);
    await takenOver(rig, given);
    await start(rig, given);
    expect(rig.engine.heard).toEqual([]);
    expect(await rowOf(rig, given)).toMatchObject({ state: 'stopping', createBegunAt: null });
  });

  test.each(['lost', 'late'] as const)(
    'finds its own child at the next attempt when the answer was %s',
    async (lie) => {
      const rig = boxRig(db());
      const given = await givenBox(rig);
      rig.engine.lie('start', lie);
      await expect(start(rig, given)).rejects.toEqual(startFailed(false));
      expect((await rowOf(rig, given)).createBegunAt).not.toBeNull();
      rig.engine.catchUp();
      await start(rig, given);
      expect(await rowOf(rig, given)).toMatchObject({
        state: 'running',
        externalId: onlyChild(rig).externalId,
        createBegunAt: null,
      });
    },
  );

  test('makes one box of a start that reaches the engine twice', async () => {
    const rig = boxRig(db());
    rig.engine.lie('start', 'doubled');
    await start(rig, await givenBox(rig));
    expect(childrenOf(rig)).toBe(1);
  });

  test('delivers the same credentials at every attempt', async () => {
    const rig = boxRig(db());
    const given = await givenBox(rig);
    rig.engine.lie('start', 'failed', 'failed');
    await expect(start(rig, given)).rejects.toEqual(startFailed(false));
    await expect(start(rig, given)).rejects.toEqual(startFailed(false));
    await start(rig, given);
    expect(onlyChild(rig).spec.credentials?.token).toBe(given.credentials.token);
  });

  test('finds the box whose agent registered before the answer came', async () => {
    const rig = boxRig(db());
    const given = await givenBox(rig);
    rig.engine.lie('start', 'lost');
    await expect(start(rig, given)).rejects.toThrow();
    await db().box.update({ where: { id: given.boxId }, data: { sealedCredentials: null, registeredAt: new Date() } });
    await start(rig, given);
    expect(await rowOf(rig, given)).toMatchObject({ state: 'running' });
  });

  test('fails for good when the agent registered and the box is gone since', async () => {
    const rig = boxRig(db());
    const given = await givenBox(rig, undefined, { sealedCredentials: null });
    await expect(start(rig, given)).rejects.toEqual(startFailed(true));
  });

  test('knows after a refusal that nothing is under way', async () => {
    const rig = boxRig(db());
    const given = await givenBox(rig);
    rig.engine.lie('start', 'failed');
    await expect(start(rig, given)).rejects.toEqual(startFailed(false));
    expect((await rowOf(rig, given)).createBegunAt).toBeNull();
  });

  test('does not forget an earlier attempt without an answer over a later one with an answer', async () => {
    const rig = boxRig(db());
    const given = await givenBox(rig);
    rig.engine.lie('start', 'late', 'failed');
    await expect(start(rig, given)).rejects.toThrow();
    await expect(start(rig, given)).rejects.toThrow();
    expect((await rowOf(rig, given)).createBegunAt).not.toBeNull();
  });

  test('stops what came up after its operation was superseded, and notes nothing of it on the workspace', async () => {
    const { rig, meanwhile } = interrupted();
    const given = await givenBox(rig);
    meanwhile(() => takenOver(rig, given));
    await start(rig, given);
    expect(childrenOf(rig)).toBe(0);
    expect(await rowOf(rig, given)).toMatchObject({ state: 'gone', sealedCredentials: null });
    expect(await workspaceOf(given)).toMatchObject({ url: null, boxId: null });
  });

  test('stops what came up although its operation lost the workspace and nobody has marked the box yet', async () => {
    const { rig, meanwhile } = interrupted();
    const given = await givenBox(rig);
    meanwhile(() => db().workspace.update({ where: { id: given.workspaceId }, data: { operationId: null } }));
    await start(rig, given);
    expect(childrenOf(rig)).toBe(0);
    expect(await rowOf(rig, given)).toMatchObject({ state: 'gone' });
    expect(await workspaceOf(given)).toMatchObject({ boxId: null, boxOperationId: null });
  });

  test('owes a box that came up after it was believed gone and that it cannot stop', async () => {
    const stuck = { stop: () => Promise.reject(new Error('engine panic: secret')) };
    const { rig, meanwhile } = interrupted({ stopRetryMs: { first: 60_000, longest: 60_000 } }, stuck);
    const given = await givenBox(rig);
    meanwhile(async () => {
      await takenOver(rig, given);
      await db().box.update({ where: { id: given.boxId }, data: { state: 'gone', goneAt: new Date() } });
    });
    await start(rig, given);
    expect(await rowOf(rig, given)).toMatchObject({ state: 'owed', owedReason: 'the backend failed', goneAt: null });
  });

  test('ends cancelled, with nothing under way, when it is cut before the engine made anything', async () => {
    const rig = boxRig(db());
    const given = await givenBox(rig);
    const pulse = aPulse();
    pulse.cut();
    await expect(start(rig, given, pulse)).rejects.toBeInstanceOf(CancelledFailure);
    expect(childrenOf(rig)).toBe(0);
    expect(await rowOf(rig, given)).toMatchObject({ state: 'creating', createBegunAt: null });
  });

  test('lets no cause and no secret leave the worker', async () => {
    const secret = 'sk-very-secret-value';
    const rig = boxRig(db(), {
      backends: around(() => ({
        start: (spec) =>
          Promise.reject(new Error(`bad variable KEY=${spec.env['KEY']} token ${spec.credentials?.token}`)),
      })),
    });
    const given = await givenBox(rig);
    await writeWorkspaceSecret(db(), rig.context.cipher, { workspaceId: given.workspaceId, key: 'KEY', value: secret });
    const failed = await start(rig, given).catch((error: unknown) => error as Error);
    expect(failed).toEqual(startFailed(false));
    expect(JSON.stringify(failed)).not.toContain(secret);
    expect(rig.logged.join()).toContain('bad variable KEY=[redacted]');
    expect(rig.logged.join()).not.toContain(given.credentials.token);
  });

  test('keeps the address that our own backend says also when the agent has registered meanwhile', async () => {
    const { rig, meanwhile } = interrupted();
    const given = await givenBox(rig);
    meanwhile(() =>
      db().workspace.update({
        where: { id: given.workspaceId },
        data: { status: 'online', url: 'http://what-the-agent-says' },
      }),
    );
    await start(rig, given);
    expect(await workspaceOf(given)).toMatchObject({ status: 'online', url: expect.stringMatching(/^liar:/) });
  });

  test('two attempts at the same time leave one box and one note of it', async () => {
    const rig = boxRig(db());
    const given = await givenBox(rig);
    await Promise.all([start(rig, given), start(rig, given)]);
    expect(await rowOf(rig, given)).toMatchObject({ state: 'running', externalId: onlyChild(rig).externalId });
  });
});
