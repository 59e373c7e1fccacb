import { afterEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import {
  type ControlPlaneConfig,
  controlPlaneSettings,
  controlPlaneVariables,
  HOSTED,
} from '../src/config/control-plane-variables.ts';
import { connectToControlPlane, type ControlPlaneSettings } from '../src/control-plane/control-plane.ts';
import { CONSOLE_BYTES } from '../src/control-plane/wire.ts';
import { type Scripted, startOlderControlPlane } from './control-plane-older.ts';

type Older = Awaited<ReturnType<typeof startOlderControlPlane>>;
let older: Older | undefined;
afterEach(() => older?.close());

async function given(answer: Scripted, settings: Partial<ControlPlaneSettings> = {}) {
  older = await startOlderControlPlane(() => answer);
  return { plane: connectToControlPlane({ url: older.url, ...settings }), heard: older.heard };
}
const settingsOf = (environment: Readonly<Record<string, string>>) =>
  controlPlaneSettings(z.object(controlPlaneVariables).parse(environment) as ControlPlaneConfig);
const look = { method: 'GET', path: '/cp/workspaces/w/status' } as const;
const operate = { method: 'GET', path: '/cp/admin/workspaces/w/console' } as const;

describe('where the control plane is', () => {
  test.each([
    [{ CP_PROVISION_URL: 'https://new.example/', MOLECULE_CP_URL: 'https://old.example' }, 'https://new.example'],
    [{ CP_PROVISION_URL: '', MOLECULE_CP_URL: 'https://old.example/' }, 'https://old.example'],
    [{ CP_PROVISION_URL: 'https://new.example' }, 'https://new.example'],
    [{}, HOSTED],
  ])('is told by %j, of which the newer name wins: %s', (environment, url) => {
    expect(settingsOf(environment).url).toBe(url);
  });

  test('is asked with the newer name of the secret, too', () => {
    const older = { PROVISION_SHARED_SECRET: 'older' };
    expect(settingsOf({ ...older, MOLECULE_CP_SHARED_SECRET: 'newer' }).sharedSecret).toBe('newer');
    expect(settingsOf({ ...older, MOLECULE_CP_SHARED_SECRET: '' }).sharedSecret).toBe('older');
  });
});

describe('a request to the control plane', () => {
  test.each<Partial<ControlPlaneSettings>>([{}, { sharedSecret: '', adminApiToken: '', adminToken: '', orgId: '' }])(
    'carries no header that would be empty, with %j',
    async (settings) => {
      const { plane, heard } = await given({ status: 200 }, settings);
      for (const request of [look, operate]) await plane.ask(request);
      for (const { headers } of heard()) {
        for (const name of ['authorization', 'x-molecule-admin-token', 'x-molecule-org-id', 'content-type']) {
          expect(headers).not.toHaveProperty(name);
        }
      }
    },
  );

  test.each([
    [{ sharedSecret: 'shared', adminApiToken: 'operator' }, ['Bearer shared', 'Bearer operator']],
    [{ sharedSecret: 'shared', adminApiToken: '' }, ['Bearer shared', 'Bearer shared']],
    [{ adminApiToken: 'operator' }, [undefined, 'Bearer operator']],
  ])('shows what operators have to their routes alone, with %j', async (settings, bearers) => {
    const { plane, heard } = await given({ status: 200 }, settings);
    for (const request of [look, operate]) await plane.ask(request);
    expect(heard().map(({ headers }) => headers.authorization)).toEqual(bearers);
  });
});

describe('an answer of the control plane', () => {
  test('tells at most 512 bytes of its error, and half a character of none', async () => {
    const { plane } = await given({ status: 500, body: { error: `e${'ü'.repeat(1_000)}` } });
    expect((await plane.ask(look)).says).toBe(`e${'ü'.repeat(255)}`);
  });

  test.each<[string, string | object, string]>([
    ['is no JSON', '<html>a secret</html>', 'unstructured, 21 bytes'],
    ['has no error', { message: 'a secret' }, 'unstructured, 22 bytes'],
    ['has an error that is no text', { error: { token: 'a secret' } }, 'unstructured, 30 bytes'],
  ])('that %s tells nothing but its length', async (_, body, says) => {
    const { plane } = await given({ status: 500, body });
    expect((await plane.ask(look)).says).toBe(says);
  });

  test('is read up to the length of a console, and not a byte further', async () => {
    const wrapped = JSON.stringify({ output: '' }).length;
    for (const [over, isRead] of [
      [0, true],
      [1, false],
    ] as const) {
      const output = 'x'.repeat(CONSOLE_BYTES - wrapped + over);
      const { plane } = await given({ status: 200, body: { output } });
      const { body } = await plane.ask({ ...operate, mostBytes: CONSOLE_BYTES });
      expect(body).toEqual(isRead ? { output } : undefined);
      await older?.close();
    }
  });
});
