import { expect, test } from 'vitest';
import { aProblem } from '../../test/support/answers.ts';
import { said } from '../../test/support/said.ts';
import { json } from '../../test/support/scripted-gateway.ts';

const route = 'POST /admin/workspace-images/refresh';
const refreshed = (words: string, answer: object) =>
  said(`images refresh ${words}`.trim(), { [route]: json(200, answer) });

test('pulls the images of every runtime, and says what was replaced', async () => {
  const { code, out, heard } = await refreshed('', {
    pulled: ['reference', 'hermes'],
    failed: [],
    recreated: ['ws-1'],
  });
  expect({ code, out, target: heard[0]?.target }).toEqual({
    code: 0,
    out: 'pulled     reference, hermes\nrecreated  ws-1\n',
    target: '/admin/workspace-images/refresh',
  });
});

test('takes one runtime, and leaves running boxes alone when told to', async () => {
  const { out, heard } = await refreshed('--runtime reference --no-recreate', {
    pulled: ['reference'],
    failed: [],
    recreated: [],
  });
  expect({ out, target: heard[0]?.target }).toEqual({
    out: 'pulled  reference\n',
    target: '/admin/workspace-images/refresh?runtime=reference&recreate=false',
  });
});

test('ends with 1 when an image could not be pulled on every host, and says where to look', async () => {
  expect(await refreshed('', { pulled: ['a'], failed: ['b'], recreated: [] })).toMatchObject({
    code: 1,
    out: 'pulled  a\nfailed  b\nholdfast doctor shows the hosts that are away.\n',
  });
});

test('says of an answer without a runtime no more than that none was pulled', async () => {
  expect(await refreshed('', { pulled: [], failed: [], recreated: [] })).toMatchObject({
    code: 0,
    out: 'No image was pulled.\n',
  });
});

test('names an unknown runtime as a mistake of its caller', async () => {
  const refused = aProblem(400, 'UNKNOWN_RUNTIME', 'unknown runtime');
  expect(await said('images refresh --runtime x', { [route]: json(400, refused) })).toMatchObject({
    code: 2,
    err: 'error: unknown runtime (UNKNOWN_RUNTIME)\ntry: what to do about UNKNOWN_RUNTIME\n',
  });
});

test('says why there are none to refresh without an engine', async () => {
  const none = aProblem(404, 'NOT_FOUND', 'There is no such thing here.');
  expect(await said('images refresh', { [route]: json(404, none) })).toMatchObject({
    code: 3,
    out: '',
    err: expect.stringContaining('No host has a Docker engine'),
  });
});
