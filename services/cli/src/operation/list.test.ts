import { expect, test } from 'vitest';
import { anOperation, aWorkspace, kidId, operationId, scoutId } from '../../test/support/answers.ts';
import { said } from '../../test/support/said.ts';
import { json, type Reaction } from '../../test/support/scripted-gateway.ts';

const listed = (words: string, reaction: Reaction | readonly Reaction[] = json(200, [anOperation()])) =>
  said(`operation list ${words}`.trim(), { 'GET /operations': reaction, 'GET /workspaces': json(200, [aWorkspace()]) });

const queryOf = async (words: string): Promise<Record<string, string>> => {
  const { heard } = await listed(`${words} --quiet`.trim());
  const { target = '' } = heard.find(({ target: asked }) => asked.startsWith('/operations')) ?? {};
  return Object.fromEntries(new URLSearchParams(target.split('?')[1]));
};

test('asks for exactly what was said', async () => {
  expect(await queryOf('')).toEqual({ limit: '50' });
  expect(
    await queryOf(
      `--workspace scout --state failed --kind restart --actor admin-token --failure-code AGENT_TIMEOUT --parent ${operationId} --since 2026-01-31T08:00:00Z --until 2026-02-01T08:00:00+01:00 --before 12 --limit 3`,
    ),
  ).toEqual({
    workspace_id: scoutId,
    state: 'failed',
    kind: 'restart',
    actor: 'admin-token',
    failure_code: 'AGENT_TIMEOUT',
    parent_id: operationId,
    since: '2026-01-31T08:00:00.000Z',
    until: '2026-02-01T07:00:00.000Z',
    before: '12',
    limit: '3',
  });
});

test('takes "today" and so long ago for moments', async () => {
  const midnight = new Date();
  midnight.setHours(0, 0, 0, 0);
  expect(await queryOf('--failed-today')).toEqual({ state: 'failed', since: midnight.toISOString(), limit: '50' });
  expect(await queryOf('--since today')).toMatchObject({ since: midnight.toISOString() });
  const { since = '' } = await queryOf('--since 2h');
  expect(Date.now() - Date.parse(since)).toBeLessThan(7_260_000);
  expect(Date.now() - Date.parse(since)).toBeGreaterThanOrEqual(7_200_000);
});

test.each([
  ['--since yesterday', 'Write it as 2h, today'],
  ['--failed-today --state open', '--failed-today is a --state'],
  ['--failed-today --since 2h', '--failed-today is a --state'],
])('refuses "%s"', async (words, sentence) => {
  const { code, err, heard } = await listed(words);
  expect({ code, heard }).toEqual({ code: 2, heard: [] });
  expect(err).toContain(sentence);
});

test('gathers more than a page, and says how to get what is older', async () => {
  const page = (from: number, size: number): Reaction =>
    json(
      200,
      Array.from({ length: size }, (_, index) => anOperation({ seq: from - index })),
    );
  const { out, err, heard } = await listed('--limit 600', [page(1_000, 500), page(500, 100)]);
  const asked = heard.map(({ target }) => target).filter((target) => target.startsWith('/operations'));
  expect(asked).toEqual(['/operations?limit=500', '/operations?limit=100&before=501']);
  expect(out.trim().split('\n')).toHaveLength(601);
  expect(err).toBe('There may be older ones: add --before 401, or a higher --limit.\n');
});

test('names workspaces, and shows those that are gone by id', async () => {
  const { out, err } = await listed('', json(200, [anOperation(), anOperation({ workspace_id: kidId })]));
  expect(out).toMatch(/ scout +provision +succeeded/);
  expect(out).toMatch(new RegExp(` ${kidId} +provision +succeeded`));
  expect(err).toBe('');
});
