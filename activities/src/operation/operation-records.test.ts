import type { Database } from '@holdfast/prisma';
import { defaultOperationSettings } from '@holdfast/workflows/operation/operation';
import { expect, test } from 'vitest';
import { createCipher } from '../secret/cipher.ts';
import { operationRecords } from './operation-records.ts';

const run = { operationId: 'an operation', workspaceId: 'a workspace', runId: 'a run' };

test('what a database says when it fails never reaches a history, and is logged', async () => {
  const said = new Error('connect ECONNREFUSED postgresql://holdfast:its-password@db');
  const db = { $transaction: () => Promise.reject(said), $queryRaw: () => Promise.reject(said) } as unknown as Database;
  const heard: unknown[] = [];
  const records = operationRecords({
    db,
    cipher: createCipher(Buffer.alloc(32).toString('base64')),
    owner: 'somebody',
    settings: defaultOperationSettings,
    deadlineMs: () => 1,
    onFailure: (change, error) => heard.push([change, error]),
  });
  const failure = await records.beginOperation(run).catch((error: unknown) => error);
  expect(failure).toMatchObject({ type: 'PLATFORM_UNAVAILABLE', nonRetryable: false });
  expect(JSON.stringify([failure, (failure as Error).message, (failure as Error).cause])).not.toContain('its-password');
  expect(heard).toEqual([['beginOperation', said]]);
});
