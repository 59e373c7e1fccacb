import { expect, test } from 'vitest';
import { aProblem, scoutId } from '../../test/support/answers.ts';
import { said } from '../../test/support/said.ts';
import { json } from '../../test/support/scripted-gateway.ts';

const budget = (limit: number | null, spend: number) => ({
  budget_limit: limit,
  monthly_spend: spend,
  budget_remaining: limit === null ? null : limit - spend,
});

test('shows limit, spending and what is left in dollars', async () => {
  const routes = { [`GET /workspaces/${scoutId}/budget`]: json(200, budget(2_000, 2_150)) };
  expect(await said(`workspace budget get ${scoutId}`, routes)).toMatchObject({
    code: 0,
    out: 'limit  $20.00 a month\nspent  $21.50\nleft   -$1.50\n',
  });
  expect(await said(`workspace budget get ${scoutId} -q`, routes)).toMatchObject({ code: 0, out: '20.00\n' });
});

test.each([
  ['12.50', { budget_limit: 1_250 }],
  ['0', { budget_limit: 0 }],
  ['none', { budget_limit: null }],
])('sets it to %s', async (words, body) => {
  const routes = { [`PATCH /workspaces/${scoutId}/budget`]: json(200, budget(body.budget_limit, 0)) };
  const { code, heard } = await said(`workspace budget set ${scoutId} ${words}`, routes);
  expect({ code, body: JSON.parse(heard[0]?.body ?? '') as unknown }).toEqual({ code: 0, body });
});

test('takes no other amount', async () => {
  const { code, err, heard } = await said(`workspace budget set ${scoutId} much`, {});
  expect({ code, heard }).toEqual({ code: 2, heard: [] });
  expect(err).toContain('or "none"');
});

test('shows a console, harmless to the terminal', async () => {
  const routes = { [`GET /workspaces/${scoutId}/console`]: json(200, { output: 'booting\n\u001B[2Jup\n' }) };
  expect(await said(`workspace console ${scoutId}`, routes)).toMatchObject({ code: 0, out: 'booting\n\uFFFD[2Jup\n' });
});

test('says that there is no console without a control plane', async () => {
  const none = aProblem(501, 'CONSOLE_UNAVAILABLE', 'console output unavailable');
  expect(
    await said(`workspace console ${scoutId}`, { [`GET /workspaces/${scoutId}/console`]: json(501, none) }),
  ).toMatchObject({
    code: 1,
    out: '',
    err: expect.stringContaining('console output unavailable'),
  });
});
