import { expect, test } from 'vitest';
import { anOperation, aProblem, aWorkspace, scoutId } from '../../test/support/answers.ts';
import { routedGateway } from '../../test/support/routed.ts';
import { json, type Reaction, sse, stream } from '../../test/support/scripted-gateway.ts';
import { aWorld } from '../../test/support/world.ts';
import { run } from '../run.ts';

const is = (status: string): Reaction => json(200, aWorkspace({ status }));
const gone = json(404, aProblem(404, 'WORKSPACE_NOT_FOUND', 'workspace not found'));
const failure = { code: 'START_FAILED', text: 'workspace start failed', next_step: 'See the log.' };
const noStream = json(404, {});

async function waited(looks: readonly Reaction[], words = '', other: Readonly<Record<string, Reaction>> = {}) {
  await using gateway = await routedGateway({
    [`GET /workspaces/${scoutId}`]: looks,
    [`GET /workspaces/${scoutId}/events/stream`]: stream(
      `${sse('message', {})}${sse('message', {})}${sse('message', {})}`,
      { stays: true },
    ),
    [`GET /workspaces/${scoutId}/operations`]: json(200, []),
    ...other,
  });
  const { world, out, err } = aWorld({ gateway: gateway.url });
  const code = await run(`workspace wait ${scoutId} -q ${words}`.trim().split(' '), world);
  return { code, out: out(), err: err() };
}

test('looks again at every event until the workspace is online', async () => {
  expect(await waited([is('provisioning'), is('provisioning'), is('online')])).toEqual({
    code: 0,
    out: `${scoutId}\n`,
    err: '',
  });
});

test('needs no events to notice', async () => {
  expect(
    await waited([is('provisioning'), is('online')], '', { [`GET /workspaces/${scoutId}/events/stream`]: noStream }),
  ).toMatchObject({ code: 0 });
});

test('waits for any of several statuses', async () => {
  expect(await waited([is('online'), is('paused')], '--for paused,hibernated')).toMatchObject({ code: 0 });
});

test('gives up on a workspace that failed, with the cause', async () => {
  const operations = {
    [`GET /workspaces/${scoutId}/operations`]: json(200, [anOperation({ state: 'failed', failure })]),
  };
  const { code, err } = await waited([is('provisioning'), is('failed')], '', operations);
  expect({ code, err }).toEqual({
    code: 1,
    err: 'error: The workspace is failed: workspace start failed (START_FAILED)\ntry: See the log.\n',
  });
});

test('has patience with a failed workspace that is being brought up again', async () => {
  const operations = {
    [`GET /workspaces/${scoutId}/operations`]: json(200, [
      anOperation({ kind: 'restart', state: 'running', ended_at: null }),
    ]),
  };
  expect(await waited([is('failed'), is('provisioning'), is('online')], '', operations)).toMatchObject({ code: 0 });
});

test('counts a purged workspace as removed when it was there before', async () => {
  expect(await waited([is('online'), gone], '--for removed')).toMatchObject({ code: 0 });
});

test('does not take a workspace that never was for a removed one', async () => {
  expect(await waited([gone], '--for removed')).toMatchObject({ code: 3 });
});

test('sits out a gateway that is away for a while, but not one that was never there', async () => {
  const away = json(503, aProblem(503, 'PLATFORM_UNAVAILABLE', 'platform datastore unavailable'));
  const triesOfOneLook = [away, away, away, away, away];
  const looks = [is('provisioning'), ...triesOfOneLook, ...triesOfOneLook, is('online')];
  expect(await waited(looks)).toMatchObject({ code: 0 });
  expect(await waited(triesOfOneLook)).toMatchObject({ code: 6 });
});

test('gives up on a removed workspace', async () => {
  expect(await waited([is('removed')])).toMatchObject({
    code: 1,
    err: expect.stringContaining('The workspace is removed.'),
  });
});

test('ends with 7 when its time is over', async () => {
  expect(await waited([is('provisioning')], '--timeout 100ms')).toMatchObject({ code: 7, out: '' });
});
