import { expect, test } from 'vitest';
import { anOperation, aProblem, aStep, aWorkspace, operationId, scoutId } from '../../../test/support/answers.ts';
import { said as plainlySaid } from '../../../test/support/said.ts';
import { json, type Reaction, sse, stream } from '../../../test/support/scripted-gateway.ts';

const route = `POST /workspaces/${scoutId}/switch-provider`;
const switching = {
  status: 'switching',
  workspace_id: scoutId,
  from: 'aws',
  to: 'hetzner',
  operation_id: operationId,
};
const ends = (...events: string[]): Reaction => stream(events.join(''), { stays: true });

const said = async (words: string, routes: Parameters<typeof plainlySaid>[1]) => {
  const all = await plainlySaid(`workspace switch ${words}`, {
    'GET /workspaces': json(200, [aWorkspace()]),
    [`GET /workspaces/${scoutId}`]: json(200, aWorkspace()),
    [`GET /operations/${operationId}`]: json(200, { ...anOperation({ kind: 'switch' }), steps: [] }),
    ...routes,
  });
  return { ...all, sent: all.heard.filter(({ method }) => method !== 'GET') };
};

test('names the cloud it comes from and the one it goes to', async () => {
  const { code, out, sent } = await said('scout --to hetzner', { [route]: json(202, switching) });
  expect({ code, out }).toEqual({ code: 0, out: `switching  scout  ${scoutId}  from aws to hetzner\n` });
  expect(JSON.parse(sent[0]?.body ?? '')).toEqual({ provider: 'hetzner' });
});

test('agrees to the loss of data only when told to', async () => {
  const { sent } = await said('scout --to gcp --confirm-data-loss', { [route]: json(202, switching) });
  expect(JSON.parse(sent[0]?.body ?? '')).toEqual({ provider: 'gcp', confirm_data_loss: true });
});

test('does not begin without a cloud to go to', async () => {
  const { code, err, sent } = await said('scout', {});
  expect({ code, sent }).toEqual({ code: 2, sent: [] });
  expect(err).toContain('--to <provider>');
});

test('says that it is there already', async () => {
  const noop = { status: 'noop', provider: 'aws', message: 'the workspace is on aws already' };
  expect(await said('scout --to aws --wait', { [route]: json(200, noop) })).toMatchObject({
    code: 0,
    out: `noop  scout  ${scoutId}  the workspace is on aws already\n`,
  });
});

test('fails with the cause when it was brought back', async () => {
  const failure = { code: 'START_FAILED', text: 'workspace start failed', next_step: 'See the log.' };
  const compensated = anOperation({ kind: 'switch', state: 'compensated', failure });
  const { code, err } = await said('scout --to hetzner --wait', {
    [route]: json(202, switching),
    [`GET /operations/${operationId}/events`]: ends(sse('end', compensated)),
    [`GET /operations/${operationId}`]: json(200, { ...compensated, steps: [] }),
  });
  expect(code).toBe(1);
  expect(err).toContain(
    'error: The switch failed and was undone: workspace start failed (START_FAILED)\ntry: See the log.\n',
  );
});

test('calls the cycle after the move back the way back, not another request', async () => {
  const compensated = anOperation({ kind: 'switch', state: 'compensated' });
  const { err } = await said('scout --to hetzner --wait', {
    [route]: json(202, switching),
    [`GET /operations/${operationId}/events`]: ends(
      sse('step', aStep(1, 'move back', 'done'), 1),
      sse('step', { ...aStep(2, 'cycle', 'begun'), cycle: 2 }, 2),
      sse('end', compensated),
    ),
    [`GET /operations/${operationId}`]: json(200, { ...compensated, steps: [] }),
  });
  expect(err).toContain('cycle 2: back to where it was\n');
});

test('tells who has the workspace already', async () => {
  const refused = {
    ...aProblem(409, 'ALREADY_SWITCHING', 'ALREADY_SWITCHING'),
    detail: 'wait',
    operation_id: operationId,
  };
  const { code, err } = await said('scout --to gcp', { [route]: json(409, refused) });
  expect(code).toBe(4);
  expect(err).toContain('error: ');
});
