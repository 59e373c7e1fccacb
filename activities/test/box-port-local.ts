import { expect, test } from 'vitest';
import { waitFor } from '@holdfast/infra/testing/index';
import type { BoxBackend } from '../src/box/backend.ts';
import { type LocalHarness, never, type PortSuite, problem } from './box-port.ts';

/** What a backend promises besides whose boxes are on this machine, one at a time of a workspace, with disks of their own. */
export function localBoxTests({ harness, box, spec, next, refOf, listed }: PortSuite<LocalHarness>): void {
  test('puts configuration and credentials into place, the credentials for its owner only', async () => {
    const files = [
      { path: 'config.yaml', content: Buffer.from('name: "x"\n') },
      { path: 'prompts/deep/system.md', content: Buffer.from('be brief') },
    ];
    const wanted = spec({ config: { files, overwrite: true } });
    await box().start(wanted, never);
    const read = (file: string) => harness().readConfig(wanted.workspaceId, file);
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
    await box().start(first, never);
    const files = [{ path: 'config.yaml', content: Buffer.from('name: "second"\n') }];
    const kept = { ...next(first), config: { files, overwrite: false } };
    await box().start(kept, never);
    expect((await harness().readConfig(first.workspaceId, 'config.yaml'))?.text).toBe('name: "first"\n');
    expect((await harness().readConfig(first.workspaceId, '.auth_token'))?.text).toBe(kept.credentials?.token);
    await box().start({ ...next(first), config: { files, overwrite: true } }, never);
    expect((await harness().readConfig(first.workspaceId, 'config.yaml'))?.text).toBe('name: "second"\n');
  });

  test('says when the box was born', async () => {
    const wanted = spec();
    await box().start(wanted, never);
    expect((await listed(box(), wanted)).map(({ born }) => born)).toEqual([wanted.born]);
  });

  test('removes an older box of the workspace that stands in the way', async () => {
    const older = spec();
    await box().start(older, never);
    const newer = next(older);
    const started = await box().start(newer, never);
    await waitFor(() => harness().answers(started.url));
    expect((await listed(box(), older)).map(({ boxId }) => boxId)).toEqual([newer.boxId]);
  });

  test('gives way to a newer box of the workspace', async () => {
    const older = spec();
    const newer = next(older);
    const { url } = await box().start(newer, never);
    await waitFor(() => harness().answers(url));
    await expect(box().start(older, never)).rejects.toEqual(problem('newer'));
    expect(await harness().answers(url)).toBe(true);
    expect((await harness().readConfig(newer.workspaceId, '.auth_token'))?.text).toBe(newer.credentials?.token);
  });

  test('leaves the volumes of another owner alone, and the name of its box', async () => {
    const theirs = spec();
    const { url } = await harness().stranger.start(theirs, never);
    await waitFor(() => harness().answers(url));
    await box().removeVolumes(theirs.workspaceId, { purge: true });
    await expect(box().start(next(theirs), never)).rejects.toEqual(problem('nameTaken'));
    expect(await harness().answers(url)).toBe(true);
    expect((await harness().readConfig(theirs.workspaceId, '.auth_token'))?.text).toBe(theirs.credentials?.token);
    await harness().stranger.stop(refOf(theirs));
    await expect(box().start(next(theirs), never)).rejects.toEqual(problem('nameTaken'));
  });

  test('knows whether a workspace has a configuration, with a box and without', async () => {
    const wanted = spec();
    const has = () => box().hasConfig(wanted.workspaceId, harness().image);
    expect(await has()).toBe(false);
    await box().start({ ...wanted, config: { files: [], overwrite: true } }, never);
    expect(await has()).toBe(false);
    const second = next(wanted);
    await box().start(second, never);
    expect(await has()).toBe(true);
    await box().stop(refOf(second));
    expect(await has()).toBe(true);
  });

  test('removes what a workspace left, its own work only on a purge', async () => {
    const wanted = spec();
    await box().start(wanted, never);
    await box().stop(refOf(wanted));
    const left = async (of: BoxBackend) =>
      (await of.listVolumes())
        .filter(({ workspaceId }) => workspaceId === wanted.workspaceId)
        .map(({ isWork }) => isWork);
    expect((await left(box())).sort((a, b) => Number(a) - Number(b))).toEqual([false, true]);
    expect(await left(harness().stranger)).toEqual([]);
    await box().removeVolumes(wanted.workspaceId, { purge: false });
    expect(await left(box())).toEqual([true]);
    expect(await harness().readConfig(wanted.workspaceId, 'config.yaml')).toBeNull();
    expect(await harness().readConfig(wanted.workspaceId, '.auth_token')).toBeNull();
    expect(await harness().hasWork(wanted.workspaceId)).toBe(true);
    await box().removeVolumes(wanted.workspaceId, { purge: true });
    expect(await harness().hasWork(wanted.workspaceId)).toBe(false);
    expect(await left(box())).toEqual([]);
    await expect(box().removeVolumes(wanted.workspaceId, { purge: true })).resolves.toBeUndefined();
  });
}
