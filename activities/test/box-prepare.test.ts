import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { ApplicationFailure } from '@temporalio/common';
import { type TestDatabase, testDatabase } from '@holdfast/infra/testing/index';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { prepareBox } from '../src/box/prepare-box.ts';
import { saveGlobalSecret } from '../src/secret/global-secrets.ts';
import { writeWorkspaceSecret } from '../src/secret/workspace-secrets.ts';
import { aPulse, type BoxRig, boxRig, type Given, givenBox, givenOperation } from './box-given.ts';
import { aSpec, never } from './box-port.ts';

let test_: TestDatabase;
let templateRoot: string;
beforeAll(async () => {
  test_ = await testDatabase();
  templateRoot = await mkdtemp(path.join(os.tmpdir(), 'holdfast-templates-'));
  const put = async (name: string, text: string) => {
    await mkdir(path.join(templateRoot, name), { recursive: true });
    await writeFile(path.join(templateRoot, name, 'config.yaml'), text);
  };
  await put('needs-one', 'runtime_config: {required_env: [ONE_KEY]}');
  await put('needs-two', 'runtime_config: {required_env: [ONE_KEY, OTHER_KEY]}');
  await put('broken', 'a: [');
  await put('langgraph-default', 'name: recovered');
});
afterAll(async () => {
  await test_.dispose();
  await rm(templateRoot, { recursive: true });
});
const db = () => test_.database;
const prepare = (rig: BoxRig, given: Given) => prepareBox(rig.context, given.order, aPulse());
const failure = (type: string, message: string, nonRetryable = true) =>
  expect.objectContaining({ type, message, nonRetryable }) as ApplicationFailure;
/** What the workspace's volume holds after an earlier box. */
const hasRun = async (
  rig: BoxRig,
  { workspaceId }: Given,
  files = [{ path: 'config.yaml', content: Buffer.from('name: mine') }],
) => {
  const [backend] = rig.context.dispatcher.backends;
  const spec = aSpec('x', { workspaceId, config: { files, overwrite: true } });
  await backend?.start(spec, never);
  await backend?.stop({ ...spec, externalId: null });
};

describe('preparing a box', () => {
  test('asks nothing of a backend at a first provision, and changes nothing', async () => {
    const rig = boxRig(db());
    const given = await givenOperation(rig);
    await prepare(rig, given);
    expect(rig.engine.heard).toEqual([]);
    expect(await db().box.count({ where: { workspaceId: given.workspaceId } })).toBe(0);
  });

  test('fails on a workspace secret that cannot be read, without naming it', async () => {
    const rig = boxRig(db());
    const given = await givenOperation(rig);
    await writeWorkspaceSecret(db(), boxRig(db()).context.cipher, {
      workspaceId: given.workspaceId,
      key: 'PRIVATE_KEY',
      value: 'x',
    });
    await expect(prepare(rig, given)).rejects.toEqual(
      failure('WORKSPACE_SECRET_UNREADABLE', 'failed to decrypt workspace secret'),
    );
    expect(rig.logged.join()).not.toContain('PRIVATE_KEY');
  });

  test('fails on a global secret that cannot be read', async () => {
    const rig = boxRig(db());
    const given = await givenOperation(rig);
    await saveGlobalSecret(db(), boxRig(db()).context.cipher, { key: 'GLOBAL_KEY', value: 'x' });
    await expect(prepare(rig, given)).rejects.toEqual(
      failure('GLOBAL_SECRET_UNREADABLE', 'failed to decrypt global secret'),
    );
    await db().globalSecret.deleteMany();
  });

  test('fails when a mutator does, with its cause in the log only', async () => {
    const mutators = [{ name: 'github-app', mutate: () => Promise.reject(new Error('installation 77 is gone')) }];
    const rig = boxRig(db(), { mutators });
    await expect(prepare(rig, await givenOperation(rig))).rejects.toEqual(
      failure('MUTATOR_FAILED', 'plugin env mutator chain failed'),
    );
    expect(rig.logged.join()).toContain('installation 77 is gone');
  });

  test('names the one variable that is missing', async () => {
    const rig = boxRig(db(), { templateRoot });
    const given = await givenOperation(rig, 'provision', { template: 'needs-one' });
    const refused = await prepare(rig, given).catch((error: unknown) => error as ApplicationFailure);
    expect(refused).toEqual(
      failure(
        'REQUIRED_ENV_MISSING',
        'missing required env var "ONE_KEY" — add it under Config → Env Vars (or as a Global secret) and retry',
      ),
    );
    expect((refused as ApplicationFailure).details).toEqual([{ missing: ['ONE_KEY'] }]);
  });

  test('names all the variables that are missing, those that are there not among them', async () => {
    const rig = boxRig(db(), { templateRoot });
    const given = await givenOperation(rig, 'provision', { template: 'needs-two' });
    await expect(prepare(rig, given)).rejects.toMatchObject({ details: [{ missing: ['ONE_KEY', 'OTHER_KEY'] }] });
    await writeWorkspaceSecret(db(), rig.context.cipher, {
      workspaceId: given.workspaceId,
      key: 'ONE_KEY',
      value: 'v',
    });
    await expect(prepare(rig, given)).rejects.toMatchObject({ details: [{ missing: ['OTHER_KEY'] }] });
    await writeWorkspaceSecret(db(), rig.context.cipher, {
      workspaceId: given.workspaceId,
      key: 'OTHER_KEY',
      value: 'v',
    });
    await expect(prepare(rig, given)).resolves.toBeUndefined();
  });

  test('counts a global secret and what a mutator brings', async () => {
    const rig = boxRig(db(), {
      templateRoot,
      mutators: [{ name: 'm', mutate: (_, env) => void env.set('OTHER_KEY', 'v') }],
    });
    await saveGlobalSecret(db(), rig.context.cipher, { key: 'ONE_KEY', value: 'v' });
    await expect(
      prepare(rig, await givenOperation(rig, 'provision', { template: 'needs-two' })),
    ).resolves.toBeUndefined();
    await db().globalSecret.deleteMany();
  });

  test('does not check what it cannot read, and says so', async () => {
    const rig = boxRig(db(), { templateRoot });
    await expect(prepare(rig, await givenOperation(rig, 'provision', { template: 'broken' }))).resolves.toBeUndefined();
    expect(rig.logged.join()).toContain('config.yaml cannot be read');
  });

  test('does not check what a workspace that has run requires: its own configuration may be another by now', async () => {
    const rig = boxRig(db(), { templateRoot });
    const given = await givenOperation(rig, 'restart', { template: 'needs-one' });
    await givenBox(rig, given, { state: 'gone', startedAt: new Date() });
    await hasRun(rig, given);
    await expect(prepare(rig, given)).resolves.toBeUndefined();
  });

  test('checks again at the restart of a workspace that never came up', async () => {
    const rig = boxRig(db(), { templateRoot });
    const given = await givenOperation(rig, 'restart', { template: 'needs-one' });
    await expect(prepare(rig, given)).rejects.toMatchObject({ type: 'REQUIRED_ENV_MISSING' });
    await writeWorkspaceSecret(db(), rig.context.cipher, {
      workspaceId: given.workspaceId,
      key: 'ONE_KEY',
      value: 'v',
    });
    await expect(prepare(rig, given)).resolves.toBeUndefined();
  });

  test('incident 26: refuses a workspace that has lost its configuration and has no template', async () => {
    const rig = boxRig(db(), { templateRoot });
    const given = await givenOperation(rig, 'restart', { runtime: 'reference' });
    await givenBox(rig, given, { state: 'gone', startedAt: new Date() });
    await expect(prepare(rig, given)).rejects.toEqual(
      failure(
        'NO_CONFIG_SOURCE',
        `cannot start workspace ${given.workspaceId}: no config.yaml source and config volume is empty — delete the workspace or provide a template`,
      ),
    );
  });

  test('incident 26: lets a workspace that has lost its configuration have its runtime’s again', async () => {
    const rig = boxRig(db(), { templateRoot });
    const given = await givenOperation(rig, 'resume', { runtime: 'langgraph' });
    await givenBox(rig, given, { state: 'gone', startedAt: new Date() });
    await expect(prepare(rig, given)).resolves.toBeUndefined();
  });

  test('goes on when it cannot look for the configuration', async () => {
    const rig = boxRig(db());
    const given = await givenOperation(rig, 'restart');
    await givenBox(rig, given, { state: 'gone', startedAt: new Date() });
    rig.engine.lie('hasConfig', 'failed');
    await expect(prepare(rig, given)).resolves.toBeUndefined();
  });

  test('says that there is no backend where there is none', async () => {
    const rig = boxRig(db(), { backends: () => [] });
    await expect(prepare(rig, await givenOperation(rig))).rejects.toMatchObject({
      type: 'NO_BACKEND',
      nonRetryable: true,
      message:
        'no provisioning backend available — workspace requires either a Docker daemon (self-hosted) or control-plane provisioner (SaaS)',
    });
  });

  test('incident 25: says nothing of what failed inside, and may be tried again', async () => {
    const mutators = [{ name: 'm', mutate: (_: string, env: Map<string, string>) => void env.set('LEAK', 'x') }];
    const rig = boxRig(db(), { mutators });
    const given = await givenOperation(rig);
    const closed = {
      ...rig.context,
      db: new Proxy(db(), { get: () => () => Promise.reject(new Error('host db-17 refused')) }),
    };
    await expect(prepareBox(closed, given.order, aPulse())).rejects.toEqual(
      failure('START_FAILED', 'workspace start failed', false),
    );
  });
});
