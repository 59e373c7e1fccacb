import { expect, test } from 'vitest';
import { anOperation, aStep, operationId } from '../../test/support/answers.ts';
import { routedGateway } from '../../test/support/routed.ts';
import { broken, json, sse, stream } from '../../test/support/scripted-gateway.ts';
import { aWorld } from '../../test/support/world.ts';
import { run } from '../run.ts';

const route = `GET /operations/${operationId}/events`;

async function watched(words: string, ...script: Parameters<typeof routedGateway>[0][string][]) {
  await using gateway = await routedGateway({
    [route]: script.flat(),
    [`GET /operations/${operationId}`]: json(200, { ...anOperation(), steps: [] }),
  });
  const { world, out, err } = aWorld({ gateway: gateway.url });
  const code = await run(`operation watch ${operationId} ${words}`.trim().split(' '), world);
  return {
    code,
    out: out(),
    err: err(),
    resumed: gateway.heard
      .filter(({ target }) => target.endsWith('/events'))
      .map(({ headers }) => headers['last-event-id']),
  };
}

test('tells each step once although the connection breaks twice', async () => {
  const { code, out, resumed } = await watched(
    '--json',
    stream(`retry: 1\n\n${sse('step', aStep(1, 'begin', 'done'), 1)}`),
    broken,
    stream(`${sse('step', aStep(2, 'settle', 'done'), 2)}${sse('end', anOperation())}`, { stays: true }),
  );
  expect(code).toBe(0);
  expect(
    out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown),
  ).toEqual([{ step: aStep(1, 'begin', 'done') }, { step: aStep(2, 'settle', 'done') }, { end: anOperation() }]);
  expect(resumed).toEqual([undefined, '1', '1']);
});

test('tells people how it ended, and ends accordingly', async () => {
  const failure = { code: 'START_FAILED', text: 'workspace start failed', next_step: 'See the log.' };
  const { code, out, err } = await watched(
    '',
    stream(sse('end', anOperation({ state: 'failed', failure })), { stays: true }),
  );
  expect(code).toBe(1);
  expect(out).toContain('failure    START_FAILED: workspace start failed');
  expect(err).toBe('error: The provision failed: workspace start failed (START_FAILED)\ntry: See the log.\n');
});

test('says the outcome in one word with --quiet', async () => {
  expect(await watched('-q', stream(sse('end', anOperation()), { stays: true }))).toMatchObject({
    code: 0,
    out: 'succeeded\n',
    err: '',
  });
});

test('ends with 3 for an operation that is not there', async () => {
  expect(await watched('', json(404, { error: 'operation not found' }))).toMatchObject({ code: 3, out: '' });
});
