import { afterEach, describe, expect, test } from 'vitest';
import type { BoxBackend } from '../src/box/backend.ts';
import { controlPlaneBackend } from '../src/box/control-plane/backend.ts';
import { connectToControlPlane } from '../src/control-plane/control-plane.ts';
import { never, problem } from './box-port.ts';
import { aCloudSpec } from './control-plane-given.ts';
import { type Scripted, startOlderControlPlane } from './control-plane-older.ts';

type Older = Awaited<ReturnType<typeof startOlderControlPlane>>;
let older: Older | undefined;
afterEach(() => older?.close());

async function given(
  answer: (call: string) => Scripted,
  timeoutMs = 5_000,
): Promise<{ box: BoxBackend; older: Older }> {
  older = await startOlderControlPlane(answer);
  const settings = {
    url: older.url,
    sharedSecret: 'shared',
    adminToken: 'admin',
    adminApiToken: 'operator',
    timeoutMs,
  };
  const controlPlane = connectToControlPlane(settings);
  return { box: controlPlaneBackend({ owner: 'ours', orgId: 'acme', controlPlane }), older };
}

const made: Scripted = {
  status: 201,
  body: { instance_id: 'i-1', private_ip: '10.0.0.7', state: 'running', error: '' },
};
const ref = { boxId: 'b', workspaceId: 'w', externalId: 'i-1', provider: 'hetzner' };
const unheard = { ...ref, externalId: null };

describe('a control plane of the contract', () => {
  test('is told what a box needs, once, with the credentials of the platform', async () => {
    const { box, older: plane } = await given(() => made);
    const compute = { instance_type: 't3.large', volume: { root_gb: 40 }, data_persistence: 'persist' };
    const spec = aCloudSpec({ env: { KEY: 'value' } }, { nonce: 'n', compute });
    expect(await box.start(spec, never)).toEqual({ externalId: 'i-1', url: 'http://10.0.0.7:8000', internalUrl: null });
    const [heard, ...more] = plane.heard();
    expect(more).toEqual([]);
    expect(heard).toMatchObject({
      call: 'POST /cp/workspaces/provision',
      headers: {
        authorization: 'Bearer shared',
        'x-molecule-admin-token': 'admin',
        'content-type': 'application/json',
      },
    });
    expect(JSON.parse(heard?.body ?? '')).toMatchObject({
      org_id: 'acme',
      workspace_id: spec.workspaceId,
      runtime: 'reference',
      tier: 2,
      platform_url: 'http://127.0.0.1:9',
      env: { KEY: 'value', HOLDFAST_NONCE: 'n' },
      provider: 'aws',
      instance_type: 't3.large',
      disk_gb: 40,
      data_persistence: 'persist',
      config_files: { 'config.yaml': Buffer.from('name: "first"\n').toString('base64') },
    });
    expect(heard?.body).not.toContain(spec.credentials?.token);
  });

  test.each<[string, Scripted, string]>([
    ['200', { status: 200, body: { instance_id: 'i-1' } }, 'unreachable'],
    ['201 without an instance', { status: 201, body: {} }, 'unreachable'],
    ['201 with nonsense', { status: 201, body: 'ok' }, 'unreachable'],
    [
      'an answer that is too long',
      { status: 201, body: `{"instance_id":"i-1","x":"${'x'.repeat(70_000)}"}` },
      'unreachable',
    ],
    ['a cut connection', null, 'unreachable'],
    ['500', { status: 500, body: '<html>secret</html>' }, 'unreachable'],
    ['401', { status: 401 }, 'denied'],
    ['422', { status: 422, body: { error: 'no such type' } }, 'refused'],
    ['429', { status: 429 }, 'failed'],
  ])('%s is no box', async (_, answer, name) => {
    const { box, older: plane } = await given(() => answer);
    await expect(box.start(aCloudSpec(), never)).rejects.toEqual(problem(name as never));
    expect(plane.heard()).toHaveLength(1);
  });

  test('is not waited for longer than its time', async () => {
    const { box } = await given(() => 'silence', 50);
    await expect(box.start(aCloudSpec(), never)).rejects.toEqual(problem('unreachable'));
  });

  test('gets none of its answers into an error but the error', async () => {
    const { box } = await given((call) =>
      call.startsWith('POST')
        ? { status: 500, body: '<b>top secret</b>' }
        : { status: 503, body: { error: 'later', x: 'secret' } },
    );
    const start = await box.start(aCloudSpec(), never).catch((error: Error) => error.message);
    expect(start).toBe('control plane: provision answered 500: unstructured, 17 bytes');
    const stop = await box.stop(ref).catch((error: Error) => error.message);
    expect(stop).toBe('control plane: delete answered 503: later');
  });

  test('is not asked again for what it may have made', async () => {
    const { box, older: plane } = await given(() => made);
    await expect(box.start(aCloudSpec({}, { isUnanswered: true }), never)).rejects.toEqual(problem('unverifiable'));
    expect(plane.heard()).toEqual([]);
  });

  test('is waited for although the start was aborted: its answer is the only pointer', async () => {
    const aborting = new AbortController();
    const { box } = await given(() => {
      aborting.abort();
      return made;
    });
    expect(await box.start(aCloudSpec(), aborting.signal)).toMatchObject({ externalId: 'i-1' });
  });

  test('incident 27: stops an instance at the cloud of its box, and nothing without its id', async () => {
    const { box, older: plane } = await given(() => ({ status: 204 }));
    expect(await box.stop(unheard)).toBe('absent');
    expect(plane.heard()).toEqual([]);
    expect(await box.stop(ref)).toBe('stopped');
    expect(plane.heard().map(({ call }) => call)).toEqual([
      'DELETE /cp/workspaces/w?instance_id=i-1&box_id=b&provider=hetzner',
    ]);
  });

  test('says what runs: not without an id, and it does if nobody can tell', async () => {
    let answer: Scripted = { status: 200, body: { state: 'running' } };
    const { box } = await given(() => answer);
    expect(await box.isRunning(unheard)).toEqual({ running: false });
    expect(await box.isRunning(ref)).toEqual({ running: true });
    answer = { status: 200, body: { state: 'stopped' } };
    expect(await box.isRunning(ref)).toEqual({ running: false });
    for (const unclear of [{ status: 500 }, { status: 404 }, { status: 200, body: 'x' }, null] as const) {
      answer = unclear;
      expect(await box.isRunning(ref)).toEqual({ running: true, cannotTell: expect.any(Error) });
    }
  });

  test('cannot verify which boxes there are', async () => {
    const { box, older: plane } = await given(() => ({ status: 200, body: { instances: [] } }));
    await expect(box.list()).rejects.toEqual(problem('unverifiable'));
    expect(plane.heard()).toEqual([]);
  });

  test('shows a console to operators', async () => {
    const { box, older: plane } = await given(() => ({ status: 200, body: { output: 'x'.repeat(100_000) } }));
    expect(await box.console(ref)).toHaveLength(100_000);
    expect(plane.heard()).toMatchObject([
      { call: 'GET /cp/admin/workspaces/w/console?instance_id=i-1', headers: { authorization: 'Bearer operator' } },
    ]);
  });

  test('removes disks on a purge only, by the last box at each cloud', async () => {
    const { box, older: plane } = await given(() => ({ status: 200 }));
    await box.removeVolumes('w', { purge: false, boxes: [ref] });
    await box.removeVolumes('w', { purge: true, boxes: [ref] });
    expect(plane.heard().map(({ call }) => call)).toEqual([
      'DELETE /cp/workspaces/w?instance_id=i-1&box_id=b&provider=hetzner&prune=true',
    ]);
  });
});
