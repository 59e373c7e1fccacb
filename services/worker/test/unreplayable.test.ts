import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import { beforeAll, expect, test } from 'vitest';
import { checkReality } from '@holdfast/activities/operation/reality-check';
import {
  quietRuntime,
  testDatabase,
  testTemporal,
  uniqueId,
  waitFor,
  workflowBundle,
} from '@holdfast/infra/testing/index';
import { workflowId } from '@holdfast/workflows/operation/operation';
import { openClient, recordsOf, runWorkers } from './support/compose.ts';
import { ended, givenWorkspace, whenDeleted } from './support/given.ts';
import { cipher, ownNames } from './support/rig.ts';
import { scriptedBoxes } from './support/scripted-boxes.ts';

// That the run fails is what it is about.
beforeAll(quietRuntime);

/** Workflows as somebody might change them without thinking of the runs that are open. */
async function changedBundle(): Promise<string> {
  const workflowsPath = path.join(import.meta.dirname, '../../../workflows/test/changed/index.ts');
  const { code } = await bundleWorkflowCode({ workflowsPath, logger: new DefaultLogger('ERROR') });
  const folder = mkdtempSync(path.join(os.tmpdir(), 'holdfast-changed-'));
  const file = path.join(folder, 'bundle.js');
  writeFileSync(file, code);
  return file;
}

test(
  'incident 8: a run that cannot be replayed is found, settled and followed by what comes next',
  { timeout: 180_000 },
  async () => {
    await using parts = new AsyncDisposableStack();
    const { database: db } = parts.use(await testDatabase());
    const [names, host] = [ownNames(), uniqueId('host')];
    const { address } = testTemporal();
    const { client, poker, trees, close } = await openClient(address, db, names);
    parts.defer(close);
    await db.backend.create({ data: { host, kind: 'process' } });
    const operations = recordsOf(db, cipher, { deadlineMs: 120_000, settleMs: 2_000, startMs: 20_000 });
    const boxes = scriptedBoxes(() => db);
    const run = async (bundle: string) => runWorkers({ address, bundle, names, host, operations, trees, boxes });

    const before = await run(await workflowBundle());
    const { id, operationId } = await givenWorkspace(db);
    await poker.poke(id);
    const handle = client.workflow.getHandle(workflowId(id));
    await waitFor(
      async () => {
        const isUp = (await db.box.count({ where: { workspaceId: id, state: 'running' } })) === 1;
        return isUp && ((await handle.describe()).raw.pendingActivities ?? []).length === 0;
      },
      { timeoutMs: 30_000, what: 'the wait for its agent' },
    );
    await before.stop();

    const changed = await changedBundle();
    parts.defer(() => rmSync(path.dirname(changed), { recursive: true }));
    const after = await run(changed);
    await poker.poke(id);
    await waitFor(async () => (await handle.describe()).status.name === 'FAILED', {
      timeoutMs: 60_000,
      what: 'the end of the run',
    });
    await after.stop();

    expect(await checkReality(db, client, poker)).toEqual([operationId]);
    expect(await db.operation.findUniqueOrThrow({ where: { id: operationId } })).toMatchObject({
      state: 'failed',
      failureCode: 'EXECUTION_LOST',
    });
    expect(await db.workspace.findUniqueOrThrow({ where: { id } })).toMatchObject({
      status: 'failed',
      operationId: null,
    });
    expect((await db.box.findMany({ where: { workspaceId: id } })).map(({ state }) => state)).toEqual(['owed']);

    const mended = await run(await workflowBundle());
    const deletion = await whenDeleted(db, id);
    await poker.poke(id);
    expect(await ended(db, deletion)).toBe('succeeded');
    await mended.stop();
  },
);
