import type { Operation } from '@holdfast/prisma';
import { expect, test } from 'vitest';
import { operationView } from './operation-view.ts';

const ended = (state: Operation['state']): Operation =>
  ({
    state,
    seq: 1n,
    workspaceId: 'a-workspace',
    acceptedAt: new Date(),
    failureCode: 'PROVISION_FAILED',
    failureText: 'provisioning failed',
  }) as Operation;

test('what failed names the step that mends its workspace; of what was undone there is nothing to mend there', () => {
  expect(operationView(ended('failed')).failure).toMatchObject({ next_step: expect.stringContaining('restart') });
  expect(operationView(ended('compensated')).failure).toMatchObject({
    code: 'PROVISION_FAILED',
    text: 'provisioning failed',
    next_step: expect.not.stringContaining('restart'),
  });
});
