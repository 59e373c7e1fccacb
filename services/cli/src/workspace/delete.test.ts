import { expect, test } from 'vitest';
import { anOperation, aProblem, operationId, scoutId } from '../../test/support/answers.ts';
import { routedGateway } from '../../test/support/routed.ts';
import { json, type Reaction, sse, stream } from '../../test/support/scripted-gateway.ts';
import { aWorld, type WorldOptions } from '../../test/support/world.ts';
import { run } from '../run.ts';

const removed = json(200, { status: 'removed', cascade_deleted: 0, operation_id: operationId });
const ended = json(200, { ...anOperation({ kind: 'delete' }), steps: [] });
const children = [{ id: 'x', name: 'kid' }];
const unconfirmed = json(
  409,
  aProblem(409, 'CONFIRMATION_REQUIRED', 'this workspace has 1 child', { status: 'confirmation_required', children }),
);
const route = `DELETE /workspaces/${scoutId}`;

async function deleted(
  words: string,
  reactions: Reaction | readonly Reaction[],
  options: WorldOptions = {},
  operation: Reaction = ended,
) {
  await using gateway = await routedGateway({
    [route]: reactions,
    [`GET /operations/${operationId}`]: operation,
    [`GET /operations/${operationId}/events`]: stream(sse('end', anOperation({ kind: 'delete' })), { stays: true }),
  });
  const { world, out, err, questions } = aWorld({ gateway: gateway.url, ...options });
  const code = await run(`workspace delete ${scoutId} ${words}`.trim().split(' '), world);
  const targets = gateway.heard
    .filter(({ method }) => method === 'DELETE')
    .map(({ target }) => target.replace(`/workspaces/${scoutId}`, ''));
  return { code, out: out(), err: err(), questions, targets };
}

test('removes a workspace without a question', async () => {
  expect(await deleted('', removed, { columns: 80 })).toMatchObject({
    code: 0,
    out: `removed  ${scoutId}\n`,
    questions: [],
    targets: [''],
  });
});

test('asks before it takes the children along, and then does', async () => {
  const { code, questions, targets } = await deleted('', [unconfirmed, removed], { columns: 80, answers: [true] });
  expect({ code, questions, targets }).toEqual({
    code: 0,
    questions: ['Delete 1 child with it: kid?'],
    targets: ['', '?confirm=true'],
  });
});

test('deletes nothing when the person says no', async () => {
  expect(await deleted('', unconfirmed, { columns: 80, answers: [false] })).toMatchObject({
    code: 4,
    out: '',
    targets: [''],
  });
  expect(await deleted('--purge', removed, { columns: 80, answers: [false] })).toMatchObject({
    code: 4,
    out: '',
    targets: [],
  });
});

test('tells a script what it needs to confirm, and asks nobody', async () => {
  const { code, err, questions } = await deleted('', unconfirmed);
  expect({ code, questions }).toEqual({ code: 4, questions: [] });
  expect(err).toBe(
    'error: this workspace has 1 child (kid) (CONFIRMATION_REQUIRED)\ntry: repeat with --yes to delete them as well; --dry-run shows what goes\n',
  );
});

test.each(['--yes', '-y', '--confirm'])('asks nothing with %s', async (flag) => {
  expect(await deleted(`${flag} --purge`, removed, { columns: 80 })).toMatchObject({
    code: 0,
    questions: [],
    targets: ['?confirm=true&purge=true'],
  });
});

test('waits for the boxes when told to', async () => {
  const { code, out } = await deleted('--wait --json', removed);
  expect({ code, document: JSON.parse(out) as unknown }).toMatchObject({
    code: 0,
    document: { id: scoutId, status: 'removed', operation: { state: 'succeeded' } },
  });
});

test('says how to watch what still goes on', async () => {
  const running = json(200, { ...anOperation({ kind: 'delete', state: 'running' }), steps: [] });
  const { code, err } = await deleted('', removed, {}, running);
  expect({ code, err }).toEqual({
    code: 0,
    err: `Its boxes are still being stopped; to watch: holdfast operation watch ${operationId}\n`,
  });
});
