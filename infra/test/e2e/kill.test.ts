import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { waitFor } from '../../src/process/wait-for.ts';
import { atSomeInstant, chanceOf } from '../../src/testing/chance.ts';
import type { Answer } from '../../src/testing/system/client.ts';
import { hasDocker } from '../../src/testing/provided.ts';
import type { Program } from '../../src/testing/system/program.ts';
import { System } from '../../src/testing/system/system.ts';
import { disagreements, reference, untilSettled } from '../../src/testing/system/workspaces.ts';

// Real boxes of both kinds, because what a kill leaves half done differs between them.
const ROUNDS = { process: 6, docker: 3 };
/** How long a create or a delete takes at most when nothing disturbs it; the kill falls into that time. */
const SPAN_MS = 700;
/** A box whose worker died before Docker answered its create is owed for 3 minutes: till then it may still come out. */
const SETTLED_WITHIN_MS = 240_000;

describe.each(['process', 'docker'] as const)('boxes by %s', (backend) => {
  let system: System;
  beforeAll(async () => {
    if (backend === 'process' || hasDocker()) system = await System.start({ backend, gateways: 2, workers: 2 });
  });
  afterAll(() => system?.stop());

  test.skipIf(backend === 'docker' && !hasDocker())(
    'killing any process at any moment of a create or a delete ends with ledger = reality and settled rows',
    { timeout: 480_000 },
    async () => {
      const luck = chanceOf(`kill ${backend}`);
      const programs: Program[] = [...system.gateways.map(({ program }) => program), ...system.workers];
      const made: string[] = [];
      for (let round = 0; round < ROUNDS[backend]; round += 1) {
        // A client that is cut off asks again under the same key, as the CLI does.
        const creating = insistent(
          system,
          'POST',
          '/workspaces',
          `create-${backend}-${round}`,
          reference(`kill-${round}`),
        );
        const doomed = made.length > 0 && luck.next() < 0.5 ? made.shift() : undefined;
        const deleting = doomed
          ? insistent(system, 'DELETE', `/workspaces/${doomed}`, `delete-${backend}-${round}`)
          : undefined;
        await atSomeInstant(luck, SPAN_MS);
        const victim = luck.pick(programs);
        await victim.end('SIGKILL');
        await atSomeInstant(luck, SPAN_MS);
        victim.start();
        const created = await creating;
        expect(created.status).toBe(201);
        made.push(String(created.body['id']));
        expect([undefined, 200, 500]).toContain((await deleting)?.status);
      }
      await system.ready();
      await untilSettled(system, SETTLED_WITHIN_MS);
      expect(await disagreements(system)).toEqual([]);
      const rows = await system.db.workspace.findMany({ select: { status: true } });
      expect(rows.filter(({ status }) => !['online', 'removed'].includes(status))).toEqual([]);
    },
  );
});

/** Asks until some gateway answers, under one key: both may be down for a while. */
const insistent = (system: System, method: string, path: string, key: string, body?: unknown): Promise<Answer> =>
  waitFor(() => system.api().call(method, path, { key, ...(body === undefined ? {} : { body }) }), {
    timeoutMs: 120_000,
    everyMs: 50,
    what: `an answer to ${method} ${path}`,
  });
