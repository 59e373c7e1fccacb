import { Connection } from '@temporalio/client';
import { describe, expect, test } from 'vitest';
import { testDatabase, testTemporal, uniqueId, waitFor } from '../../src/testing/index.ts';

describe('a test database', () => {
  test('is migrated, empty and nobody else sees what is written to it', async () => {
    await using one = await testDatabase();
    await using other = await testDatabase();
    await one.database.installationFact.create({ data: { name: 'colour', value: Buffer.from('red') } });
    expect(await one.database.installationFact.count()).toBe(1);
    expect(await other.database.installationFact.count()).toBe(0);
  });

  test('is gone once disposed', async () => {
    const gone = await testDatabase();
    await using other = await testDatabase();
    await gone.dispose();
    const name = new URL(gone.url).pathname.slice(1);
    const left = await other.database.$queryRaw<unknown[]>`SELECT 1 FROM pg_database WHERE datname = ${name}`;
    expect(left).toEqual([]);
  });
});

describe('the Temporal server of the run', () => {
  test('knows both namespaces, keeps closed executions for 30 days and has the search attributes', async () => {
    const { address, namespaces } = testTemporal();
    const connection = await Connection.connect({ address });
    for (const namespace of [namespaces.operations, namespaces.loops]) {
      const { config } = await connection.workflowService.describeNamespace({ namespace });
      expect(Number(config?.workflowExecutionRetentionTtl?.seconds)).toBe(720 * 3600);
      const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
      expect(Object.keys(customAttributes ?? {})).toEqual(
        expect.arrayContaining(['OrgId', 'WorkspaceId', 'Op', 'Provider', 'Outcome']),
      );
    }
    await connection.close();
  });
});

describe('waiting for a condition', () => {
  test('returns what the condition came to', async () => {
    let looks = 0;
    expect(await waitFor(() => (++looks === 3 ? `after ${looks}` : undefined))).toBe('after 3');
  });

  test('names what never came true and keeps the last error', async () => {
    const never = waitFor(() => Promise.reject(new Error('still closed')), { timeoutMs: 30, what: 'the door' });
    await expect(never).rejects.toMatchObject({ message: /the door/, cause: { message: 'still closed' } });
  });
});

test('two unique ids of one prefix differ', () => {
  expect(uniqueId('queue')).not.toBe(uniqueId('queue'));
});
