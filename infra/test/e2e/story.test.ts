import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { processesNaming } from '../../src/process/command-lines.ts';
import { root } from '../../src/root.ts';
import type { Played } from '../../src/story/act.ts';

const script = path.join(root, 'infra/src/story/switch.ts');

/** Runs the story with the environment of a person: nothing of this test run. */
async function story(...flags: string[]) {
  const { PATH, HOME } = process.env;
  const child = spawn(process.execPath, [script, ...flags], { env: { PATH, HOME }, stdio: ['ignore', 'pipe', 'pipe'] });
  const [out, told, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  return { out, told, code: code as number | null, left: processesNaming(`holdfast-test-${child.pid}-`) };
}

test('pnpm story:switch: moved, moved back when the next cloud is full, deleted, and nothing is left anywhere', async () => {
  const { out, told, code, left } = await story('--json');
  expect(code, told).toBe(0);
  const { ok, acts } = JSON.parse(out) as { ok: boolean; acts: Played[] };
  expect(ok).toBe(true);
  const claims = acts.flatMap((act) => act.claims);
  expect(claims.filter(({ holds }) => !holds)).toEqual([]);
  expect(claims.map(({ says }) => says)).toEqual(
    expect.arrayContaining([
      'scout is online on aws and has no other machine',
      'the switch succeeded',
      'the switch was compensated',
      'it says why: the quota',
      'scout is online on hetzner and has no other machine',
      'all clouds are empty',
      'ledger: 0 live boxes',
    ]),
  );
  for (const { shows, command } of acts) expect(told).toContain(`${shows}\n\n   $ ${command}\n`);
  expect(told).toMatch(/^(\d+) of \1 claims held, after [\d.]+ s\.$/m);
  expect(left).toEqual([]);
});

test('pnpm story:switch refuses a flag that it does not have', async () => {
  const { code, told } = await story('--fast');
  expect(code).toBe(1);
  expect(told).toMatch(/Unknown option '--fast'.* \(usage: /);
});
