import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { DeterminismViolationError } from '@temporalio/workflow';
import { bundleWorkflowCode, Worker } from '@temporalio/worker';
import { historyText, replayed } from '@holdfast/infra/testing/index';
import { describe, expect, test } from 'vitest';

const folder = path.join(import.meta.dirname, 'histories');
const names = readdirSync(folder).filter((name) => name.endsWith('.json'));
const read = (name: string): unknown => JSON.parse(readFileSync(path.join(folder, name), 'utf8'));

/** Each branch of a story leaves a history; a change that breaks one is a new version, and the changelog says so. */
const branches = [
  'delete-owed',
  'delete-preempting',
  'delete-purge',
  'delete-success',
  'hibernate-failed',
  'hibernate-success',
  'pause-handing-over',
  'pause-owed',
  'pause-preempting',
  'pause-success',
  'provision-cancelled',
  'provision-deadline',
  'provision-no-backend',
  'provision-prepare-refused',
  'provision-second-cycle',
  'provision-start-failed',
  'provision-success',
  'provision-superseded',
  'restart-boot-failed',
  'restart-cancelled',
  'restart-cancelled-by-hand',
  'restart-coalesced',
  'restart-cut',
  'restart-handed-over',
  'restart-success',
  'restart-superseded',
  'resume-after-pause',
  'resume-success',
  'switch-compensated',
  'switch-failed',
  'switch-prepare-refused',
  'switch-success',
  'tree-collapse',
  'tree-delete',
  'tree-pause',
  'tree-resume',
  'wake-success',
];

describe('the stored histories', () => {
  test('are those of every branch', () => {
    expect(names.map((name) => name.replace('.json', '')).sort()).toEqual(branches);
  });

  test('all replay on the workflows as they are', async () => {
    const all = Object.fromEntries(names.map((name) => [name, 'replayed']));
    expect(await replayed(Object.fromEntries(names.map((name) => [name, read(name)])))).toEqual(all);
  });

  test.each(names)('%s holds nothing that looks like a credential', (name) => {
    const text = historyText(read(name));
    expect(text).toContain('operationId');
    // A token or a key of ours is 32 random bytes.
    expect(text).not.toMatch(/(?<![A-Za-z0-9_-])[A-Za-z0-9_-]{43}(?![A-Za-z0-9_-])/);
    expect(text).not.toMatch(/canary|BEGIN [A-Z ]*PRIVATE KEY|Bearer |sk-[A-Za-z0-9]/);
  });

  test.each(names)('%s names no machine and no folder', (name) => {
    expect(historyText(read(name))).not.toMatch(/\d+@[\w-]+|\/work\/|\/home\/|\/Users\/|\/tmp\//);
  });
});

test('a changed workflow is detected', { timeout: 60_000 }, async () => {
  const workflowsPath = path.join(import.meta.dirname, 'changed/index.ts');
  const logger = { log() {}, trace() {}, debug() {}, info() {}, warn() {}, error() {} };
  const bundle = await bundleWorkflowCode({ workflowsPath, logger });
  const replay = Worker.runReplayHistory({ workflowBundle: bundle }, read('provision-success.json'));
  await expect(replay).rejects.toThrow(DeterminismViolationError);
});
