import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { type TestDatabase, testDatabase } from '@holdfast/infra/testing/index';
import type { Prisma } from '@holdfast/prisma';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { planBox } from '../src/box/plan-box.ts';
import { prepareBox } from '../src/box/prepare-box.ts';
import { writeModel } from '../src/secret/model.ts';
import { aPulse, type BoxRig, boxRig, givenBox, givenOperation } from './box-given.ts';

let kit: TestDatabase;
let base: string;
beforeAll(async () => {
  kit = await testDatabase();
  base = await mkdtemp(path.join(os.tmpdir(), 'holdfast-templates-'));
  const put = async (directory: string, text: string) => {
    await mkdir(path.join(base, directory), { recursive: true });
    await writeFile(path.join(base, directory, 'config.yaml'), text);
  };
  await put('templates/crew', 'name: crew');
  await put('templates/first', 'name: first');
  await put('templates/picky', 'runtime_config: {required_env: [NOT_THERE]}');
  await put('org/house', 'name: house');
});
afterAll(async () => {
  await kit.dispose();
  await rm(base, { recursive: true });
});

const rigWithTemplates = () =>
  boxRig(kit.database, { templateRoot: path.join(base, 'templates'), orgTemplateRoot: path.join(base, 'org') });

/** A restart of a workspace whose box has run before, asked for with these wishes. */
async function restarting(
  rig: BoxRig,
  cycleRequest: object,
  workspace: Partial<Prisma.WorkspaceUncheckedCreateInput> = {},
) {
  const given = await givenOperation(rig, 'restart', workspace);
  await kit.database.operation.update({ where: { id: given.operationId }, data: { cycleRequest } });
  return givenBox(rig, given, { startedAt: new Date() });
}
const planned = async (rig: BoxRig, cycleRequest: object) => plannedFor(rig, await restarting(rig, cycleRequest));
const plannedFor = async (rig: BoxRig, order: { workspaceId: string; operationId: string }) => {
  const { config } = await planBox(rig.context, order);
  const yaml = config.files.find((file) => file.path === 'config.yaml');
  return { overwrite: config.overwrite, yaml: yaml && Buffer.from(yaml.content).toString() };
};

describe('a provision', () => {
  const hermes = { template: 'crew', runtime: 'hermes', model: 'of the create' };
  const plan = async (isStarted: boolean) => {
    const rig = rigWithTemplates();
    const given = await givenOperation(rig, 'provision', hermes);
    if (isStarted) await givenBox(rig, given, { state: 'gone', startedAt: new Date() });
    const { workspaceId } = given;
    await kit.database.$transaction((tx) => writeModel(tx, rig.context.cipher, workspaceId, 'set since'));
    const { env, config } = await planBox(rig.context, given.order);
    return { model: env.get('HERMES_DEFAULT_MODEL'), overwrite: config.overwrite };
  };

  test('writes its template and takes the model of the create until its first box has started', async () => {
    expect(await plan(false)).toEqual({ model: 'of the create', overwrite: true });
  });

  test('leaves the configuration alone after that, and takes the model that was set since', async () => {
    expect(await plan(true)).toEqual({ model: 'set since', overwrite: false });
  });
});

describe('a restart', () => {
  test('that was asked for no template never overwrites the configuration: incident 31', async () => {
    expect((await planned(rigWithTemplates(), {})).overwrite).toBe(false);
  });

  test.each([
    ['crew', 'name: crew'],
    ['org-templates/house', 'name: house'],
  ])('that was asked for %s puts it in place of the configuration', async (template, yaml) => {
    expect(await planned(rigWithTemplates(), { template })).toEqual({ overwrite: true, yaml });
  });

  test('whose template is gone since it was asked for leaves the configuration alone', async () => {
    expect((await planned(rigWithTemplates(), { template: 'gone' })).overwrite).toBe(false);
  });

  test('that was asked for a template lacks none of its required variables, or fails before anything is stopped', async () => {
    const rig = rigWithTemplates();
    const given = await restarting(rig, { template: 'picky' });
    await expect(prepareBox(rig.context, given.order, aPulse())).rejects.toMatchObject({
      type: 'REQUIRED_ENV_MISSING',
    });
    expect(rig.engine.heard).toEqual([]);
  });

  test.each([
    [{ reset: true }, true],
    [{}, false],
  ])('asked for with %j forgets the sessions before it: %s', async (request, reset) => {
    const rig = rigWithTemplates();
    expect((await planBox(rig.context, await restarting(rig, request))).row.reset).toBe(reset);
  });
});

describe('a restart in a cloud, where the disk may have gone with the box before', () => {
  const inCloud = { backend: 'control-plane', template: 'first' };
  const operation = (data: Prisma.OperationUncheckedUpdateInput, id: string) =>
    kit.database.operation.update({ where: { id }, data });

  test('sends the template that the box before was started with, and leaves alone what a disk has kept', async () => {
    const rig = rigWithTemplates();
    const given = await restarting(rig, {}, inCloud);
    await operation({ request: { template: 'crew' }, cycle: 2 }, given.operationId);
    expect(await plannedFor(rig, given)).toEqual({ overwrite: false, yaml: 'name: crew' });
  });

  test('sends it also when it was asked for by one that another restart served', async () => {
    const rig = rigWithTemplates();
    const given = await restarting(rig, {}, inCloud);
    const { id } = await kit.database.operation.create({
      data: {
        id: randomUUID(),
        orgId: 'default',
        workspaceId: given.workspaceId,
        kind: 'restart',
        state: 'coalesced',
        actor: 'test',
        request: { template: 'org-templates/house' },
        coalescedInto: given.operationId,
        coalescedCycle: 1,
      },
    });
    expect(await plannedFor(rig, given)).toEqual({ overwrite: false, yaml: 'name: house' });
    await operation({ coalescedCycle: 2 }, id);
    expect(await plannedFor(rig, given)).toEqual({ overwrite: false, yaml: 'name: first' });
  });

  test('sends that of the create when no box was started with another', async () => {
    const rig = rigWithTemplates();
    const given = await restarting(rig, {}, inCloud);
    await operation({ request: { template: 'crew' } }, given.operationId);
    await kit.database.box.updateMany({ where: { workspaceId: given.workspaceId }, data: { startedAt: null } });
    expect(await plannedFor(rig, given)).toEqual({ overwrite: false, yaml: 'name: first' });
  });
});
