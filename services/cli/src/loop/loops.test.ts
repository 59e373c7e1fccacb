import { expect, test } from 'vitest';
import { said } from '../../test/support/said.ts';
import { json } from '../../test/support/scripted-gateway.ts';

const aLoop = (other: object = {}) => ({
  last_tick_at: '2026-01-01T00:00:00.000Z',
  seconds_ago: 4,
  stale: false,
  detail: {},
  ...other,
});
const looked = (subsystems: object, words = '') =>
  said(`loops ${words}`.trim(), { 'GET /admin/liveness': json(200, { subsystems }) });

test('shows every loop by name with its age, and what its last tick did where that is told', async () => {
  const { code, out } = await looked({ sweep: aLoop({ detail: { gone: 2, owed: 0 } }), 'reality-check': aLoop() });
  expect(code).toBe(0);
  expect(out.trimEnd().split('\n').slice(1)).toEqual([
    expect.stringMatching(/^reality-check +goes round +4s +2026-01-01T00:00:00\.000Z$/),
    expect.stringMatching(/^sweep +goes round +4s +gone 2 +2026-01-01T00:00:00\.000Z$/),
  ]);
});

test('ends with 1 when one is late, and names it', async () => {
  const loops = { sweep: aLoop({ stale: true, seconds_ago: 4_000 }), other: aLoop() };
  const { code, out } = await looked(loops);
  expect(code).toBe(1);
  expect(out).toMatch(/sweep +late +1h/);
  expect(await looked(loops, '-q')).toMatchObject({ code: 1, out: 'sweep\n' });
  expect((await looked({})).code).toBe(1);
});
