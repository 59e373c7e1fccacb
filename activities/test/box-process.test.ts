import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { commandOf } from '@holdfast/infra/process/command-lines';
import { waitFor } from '@holdfast/infra/testing/index';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { BoxBackend } from '../src/box/backend.ts';
import { processBackend } from '../src/box/process/backend.ts';
import { boxDirectory, workspaceDirectories } from '../src/box/process/directories.ts';
import { withLock } from '../src/box/process/lock.ts';
import { processesWith, startMark } from '../src/box/process/process-table.ts';
import { spawnAgent, type AgentProgram } from '../src/box/process/spawn.ts';
import { claimWorkspace } from '../src/box/process/workspace-owner.ts';
import { writeState } from '../src/box/process/state.ts';
import { answers } from './answers.ts';
import { aSpec, describeBoxPort, never, problem } from './box-port.ts';
import { localBoxTests } from './box-port-local.ts';

const agentMain = fileURLToPath(new URL('../../services/agent/src/main.ts', import.meta.url));
const agent: AgentProgram = { command: [process.execPath, agentMain], baseEnv: { PATH: process.env['PATH'] ?? '' } };

const exists = (file: string): Promise<boolean> =>
  stat(file).then(
    () => true,
    () => false,
  );

describeBoxPort(
  'processes',
  async () => {
    const root = await mkdtemp(path.join(os.tmpdir(), 'holdfast-boxes-'));
    return {
      backend: processBackend({ owner: 'ours', directory: root, agent }),
      stranger: processBackend({ owner: 'theirs', directory: root, agent }),
      image: '',
      async halfHeard(spec) {
        await claimWorkspace(root, spec.workspaceId, 'ours');
        const { boxId, workspaceId } = spec;
        await writeState(root, { boxId, workspaceId, owner: 'ours', born: spec.born.getTime(), phase: 'starting' });
        await spawnAgent(root, 'ours', spec, agent);
      },
      async readConfig(workspaceId, name) {
        const file = path.join(workspaceDirectories(root, workspaceId).configs, name);
        if (!(await exists(file))) return null;
        return { text: await readFile(file, 'utf8'), mode: (await stat(file)).mode & 0o777 };
      },
      hasWork: (workspaceId) => exists(workspaceDirectories(root, workspaceId).work),
      answers,
      close: () => rm(root, { recursive: true, force: true }),
    };
  },
  true,
  localBoxTests,
);

describe('a process box', () => {
  let root: string;
  let box: BoxBackend;
  beforeAll(async () => {
    root = await mkdtemp(path.join(os.tmpdir(), 'holdfast-boxes-'));
    box = processBackend({ owner: 'ours', directory: root, agent, graceMs: 300 });
  });
  afterAll(async () => {
    await Promise.all((await box.list()).map((ref) => box.stop(ref)));
    await rm(root, { recursive: true, force: true });
  });
  const scripted = (script: string, graceMs = 300): BoxBackend =>
    processBackend({
      owner: 'ours',
      directory: root,
      graceMs,
      agent: { ...agent, command: [process.execPath, '-e', script] },
    });
  const listens = `require('fs').writeFileSync(process.env.HOLDFAST_URL_FILE, 'http://127.0.0.1:1');`;
  const refOf = ({ boxId, workspaceId }: { boxId: string; workspaceId: string }) => ({
    boxId,
    workspaceId,
    externalId: null,
  });

  test('is given what it needs by its environment, and nothing of the worker', async () => {
    process.env['WORKER_ONLY_SECRET'] = 'sesame';
    const spec = aSpec('', { env: { API_KEY: 'not-in-arguments' } });
    const { externalId } = await box.start(spec, never);
    delete process.env['WORKER_ONLY_SECRET'];
    const given = (variable: string) => processesWith(variable).includes(Number(externalId));
    expect(given('API_KEY=not-in-arguments')).toBe(true);
    expect(given(`WORKSPACE_ID=${spec.workspaceId}`)).toBe(true);
    expect(given('WORKER_ONLY_SECRET=sesame')).toBe(false);
    expect(commandOf(Number(externalId))).not.toContain('not-in-arguments');
  });

  test('is started no more once it was stopped, however late the start comes', async () => {
    const spec = aSpec('');
    await box.start(spec, never);
    await box.stop(refOf(spec));
    await expect(box.start(spec, never)).rejects.toEqual(problem('stopped'));
  });

  test('fails to start when its agent ends before it listens, and says why in the error for the log', async () => {
    const failing = scripted(`console.error('no model key'); process.exit(3);`);
    await expect(failing.start(aSpec(''), never)).rejects.toMatchObject({
      problem: 'crashed',
      message: expect.stringContaining('no model key'),
    });
  });

  test('fails to start when there is no such program', async () => {
    const missing = processBackend({
      owner: 'ours',
      directory: root,
      agent: { ...agent, command: ['/no/such/program'] },
    });
    await expect(missing.start(aSpec(''), never)).rejects.toEqual(problem('failed'));
  });

  test('is forced to end when it does not end when asked', async () => {
    const deaf = scripted(`process.on('SIGTERM', () => {}); ${listens} setInterval(() => {}, 1000);`);
    const spec = aSpec('');
    const { externalId } = await deaf.start(spec, never);
    expect(await deaf.stop(refOf(spec))).toBe('stopped');
    expect(startMark(Number(externalId))).toBeNull();
  });

  test('takes what it has started with it, also what has left its group', async () => {
    const parent = scripted(`
      const { spawn } = require('child_process');
      const args = ['-e', 'setInterval(() => {}, 1000)'];
      const near = spawn(process.execPath, args), far = spawn(process.execPath, args, { detached: true });
      console.log(JSON.stringify([near.pid, far.pid])); ${listens}`);
    const spec = aSpec('');
    await parent.start(spec, never);
    const children = await waitFor(async () => JSON.parse(await parent.console(refOf(spec))) as number[]);
    expect(children.map((pid) => startMark(pid) !== null)).toEqual([true, true]);
    await parent.stop(refOf(spec));
    // One that was killed may take a moment to be gone.
    await waitFor(() => children.every((pid) => startMark(pid) === null));
  });

  test('that ended by itself is not running, though another process may have its number', async () => {
    const spec = aSpec('');
    const { externalId } = await box.start(spec, never);
    process.kill(Number(externalId), 'SIGKILL');
    await waitFor(async () => !(await box.isRunning(refOf(spec))).running);
    const state = {
      boxId: spec.boxId,
      workspaceId: spec.workspaceId,
      owner: 'ours',
      born: 0,
      phase: 'started' as const,
    };
    await writeState(root, { ...state, pid: process.pid, mark: 'another start' });
    expect(await box.isRunning(refOf(spec))).toEqual({ running: false });
    await box.stop(refOf(spec));
    expect(startMark(process.pid)).not.toBeNull();
  });

  test('keeps its directories from other users', async () => {
    const spec = aSpec('');
    await box.start(spec, never);
    const { base, configs } = workspaceDirectories(root, spec.workspaceId);
    const logs = boxDirectory(root, spec.workspaceId, spec.boxId).log;
    const modes = await Promise.all([base, configs, logs].map(async (file) => (await stat(file)).mode & 0o077));
    expect(modes).toEqual([0, 0, 0]);
  });

  test('refuses an id that would leave its directory', async () => {
    await expect(box.stop({ boxId: '../x', workspaceId: '../../etc', externalId: null })).rejects.toEqual(
      problem('refused'),
    );
  });

  test('keeps its sessions, and forgets them when that is asked for', async () => {
    const spec = aSpec('');
    await box.start(spec, never);
    const { sessions } = workspaceDirectories(root, spec.workspaceId);
    const note = path.join(sessions, 'note');
    await writeFile(note, 'x');
    await box.start(aSpec('', { workspaceId: spec.workspaceId }), never);
    expect(await exists(note)).toBe(true);
    await box.start(aSpec('', { workspaceId: spec.workspaceId, env: { WORKSPACE_RESET_SESSION: 'true' } }), never);
    expect(await exists(note)).toBe(false);
  });
});

describe('the lock of a workspace', () => {
  let root: string;
  beforeAll(async () => {
    root = await mkdtemp(path.join(os.tmpdir(), 'holdfast-lock-'));
  });
  afterAll(() => rm(root, { recursive: true, force: true }));
  const lockFile = fileURLToPath(new URL('../src/box/process/lock.ts', import.meta.url));
  /** A worker that takes the lock and adds a line to the journal when it has it and when it lets go. */
  const worker = (directory: string, journal: string, hold: string): ChildProcess =>
    spawn(process.execPath, [
      '--input-type=module',
      '-e',
      `
      import { appendFileSync } from 'node:fs';
      import { withLock } from ${JSON.stringify(lockFile)};
      const note = (text) => appendFileSync(${JSON.stringify(journal)}, process.pid + ' ' + text + '\\n');
      await withLock(${JSON.stringify(directory)}, 20000, async () => { note('in'); ${hold}; note('out'); });`,
    ]);
  const lines = async (journal: string) =>
    (await readFile(journal, 'utf8').catch(() => '')).split('\n').filter(Boolean);

  test('lets one worker in at a time, whichever process it runs in', async () => {
    const journal = path.join(root, 'journal');
    const workers = Array.from({ length: 4 }, () =>
      worker(path.join(root, 'one'), journal, 'await new Promise(setImmediate)'),
    );
    await Promise.all(workers.map((child) => once(child, 'exit')));
    const noted = await lines(journal);
    expect(noted).toHaveLength(8);
    for (let at = 0; at < noted.length; at += 2) {
      const [pid] = (noted[at] as string).split(' ');
      expect(noted.slice(at, at + 2)).toEqual([`${pid} in`, `${pid} out`]);
    }
  });

  test('is free again when its holder was killed', async () => {
    const journal = path.join(root, 'killed');
    const holder = worker(path.join(root, 'two'), journal, 'await new Promise(() => setInterval(() => {}, 1000))');
    await waitFor(async () => (await lines(journal)).length === 1);
    await expect(withLock(path.join(root, 'two'), 50, async () => 'in')).rejects.toEqual(problem('busy'));
    holder.kill('SIGKILL');
    expect(await withLock(path.join(root, 'two'), 5_000, async () => 'in')).toBe('in');
  });

  test('keeps order among many who want it at the same time', async () => {
    let inside = 0;
    const most: number[] = [];
    const work = async () => {
      most.push(++inside);
      await new Promise(setImmediate);
      inside -= 1;
    };
    await Promise.all(Array.from({ length: 30 }, () => withLock(path.join(root, 'three'), 20_000, work)));
    expect(most).toEqual(Array(30).fill(1));
  });
});
