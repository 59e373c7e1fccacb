import { expect, test } from 'vitest';
import { aProblem, aWorkspace, scoutId } from '../../test/support/answers.ts';
import { said } from '../../test/support/said.ts';
import { json } from '../../test/support/scripted-gateway.ts';

const aHost = (other: object = {}) => ({
  host: 'a-host',
  fleet: 3,
  orphans: 1,
  done: 1,
  stopped: false,
  failed: [],
  away: false,
  ...other,
});
const aFinding = (other: object = {}) => ({
  host: 'a-host',
  kind: 'box',
  box_id: '33333333-3333-4333-8333-333333333333',
  workspace_id: scoutId,
  backend: 'docker',
  what: 'runs and is not on the ledger',
  action: 'stop it',
  done: true,
  ...other,
});
const aReport = (other: object = {}) => ({
  dry_run: false,
  stopped: false,
  hosts: [aHost()],
  findings: [aFinding()],
  ...other,
});
const swept = (words: string, report: object) =>
  said(`sweep ${words}`.trim(), {
    'POST /admin/sweep': json(200, report),
    'GET /workspaces': json(200, [aWorkspace()]),
  });

test('shows what it found, what it did about it, and how much that is', async () => {
  const { code, out, heard } = await swept('', aReport());
  expect({ code, target: heard[0]?.target }).toEqual({ code: 0, target: '/admin/sweep' });
  expect(out).toMatch(/a-host +runs and is not on the ledger +33333333-\S+ +scout +stop it +yes\n/);
  expect(out.trimEnd().split('\n').at(-1)).toBe('swept  1 of 1 finding among 3 boxes on 1 host seen to.');
});

test('only looks with --dry-run', async () => {
  const { code, out, heard } = await swept(
    '--dry-run',
    aReport({ dry_run: true, findings: [aFinding({ done: false })] }),
  );
  expect({ code, target: heard[0]?.target }).toEqual({ code: 0, target: '/admin/sweep?dry_run=true' });
  expect(out).toContain('dry run  1 finding among 3 boxes on 1 host; nothing was touched.\n');
});

test('ends with 1 when it refused, and says how to force it', async () => {
  const stopped = aReport({ stopped: true, hosts: [aHost({ stopped: true, orphans: 2, done: 0 })], findings: [] });
  const { code, out, err } = await swept('', stopped);
  expect(code).toBe(1);
  expect(out).toContain('refused  2 of 3 on a-host look orphaned: nothing was touched there.\n');
  expect(err).toContain('holdfast sweep --force\n');
  const programs = await swept('--json', stopped);
  expect({ code: programs.code, report: JSON.parse(programs.out) as unknown }).toEqual({ code: 1, report: stopped });
  expect((await swept('--force', aReport())).heard[0]?.target).toBe('/admin/sweep?force=true');
});

test('names the hosts that took no part, and what was cut short', async () => {
  const hosts = [aHost({ away: true }), aHost({ host: 'b-host', failed: ['the engine does not answer'] })];
  const { code, out } = await swept('', aReport({ hosts, findings: [] }));
  expect(code).toBe(1);
  expect(out).toContain('away  No worker of a-host took part.\n');
  expect(out).toContain('cut short  b-host: the engine does not answer\n');
});

test('is not clean when nobody looked', async () => {
  expect(await swept('', aReport({ hosts: [aHost({ away: true })], findings: [] }))).toMatchObject({
    code: 1,
    out: expect.stringContaining('nothing  No host was looked at'),
  });
});

test('says so when everything is as the ledger says', async () => {
  expect(await swept('', aReport({ findings: [] }))).toMatchObject({
    code: 0,
    out: 'clean  What is there is what the ledger says: 3 boxes on 1 host.\n',
  });
});

test('tells a refusal as the gateway does', async () => {
  const refused = aProblem(409, 'SWEEP_REFUSED', 'more than 40 %');
  expect(await said('sweep', { 'POST /admin/sweep': json(409, refused) })).toMatchObject({ code: 4, out: '' });
});
