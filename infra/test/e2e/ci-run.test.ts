import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { run } from '../../src/process/run.ts';
import { root } from '../../src/root.ts';
import { hasDocker } from '../../src/testing/index.ts';

let checkout: string;
beforeEach(() => {
  checkout = mkdtempSync(path.join(os.tmpdir(), 'holdfast-ci-'));
  mkdirSync(path.join(checkout, '.ci'));
  copyFileSync(path.join(root, '.ci/run'), path.join(checkout, '.ci/run'));
});
afterEach(() => rmSync(checkout, { recursive: true }));

const COUNTED = 'tests: 3 passed, 0 failed, 1 skipped';

async function ci(scripts: {
  check: string;
  test: string;
}): Promise<{ last: string | undefined; code: number | null }> {
  writeFileSync(path.join(checkout, 'package.json'), JSON.stringify({ scripts }));
  const { code, output } = await run(path.join(checkout, '.ci/run'), []);
  return { last: output.trim().split('\n').at(-1), code };
}

describe.skipIf(!hasDocker())('CI', () => {
  test('ends with what the tests counted', async () => {
    const test = `echo before; echo "${COUNTED}"; echo after >&2`;
    expect(await ci({ check: 'true', test })).toEqual({ last: COUNTED, code: 0 });
  });

  test('fails with the tests, and still ends with the count', async () => {
    const line = 'tests: 3 passed, 2 failed, 0 skipped';
    expect(await ci({ check: 'true', test: `echo "${line}"; exit 1` })).toEqual({ last: line, code: 1 });
  });

  test('fails with the checks, though every test passed', async () => {
    expect(await ci({ check: 'false', test: `echo "${COUNTED}"` })).toEqual({ last: COUNTED, code: 1 });
  });

  test('fails when nothing was counted, whatever the tests say', async () => {
    const none = 'tests: 0 passed, 1 failed, 0 skipped';
    expect(await ci({ check: 'true', test: 'true' })).toEqual({ last: none, code: 1 });
  });

  test('tells everybody that this is CI', async () => {
    const test = `[ "$CI" = true ] && echo "${COUNTED}"`;
    expect(await ci({ check: '[ "$CI" = true ]', test })).toEqual({ last: COUNTED, code: 0 });
  });
});
