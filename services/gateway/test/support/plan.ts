import { randomUUID } from 'node:crypto';
import { eventChannel } from '@holdfast/activities/event/event-notice';
import { operationChannel } from '@holdfast/activities/operation/notices';
import { waitFor } from '@holdfast/infra/testing/index';
import { Client } from 'pg';
import { expect } from 'vitest';
import { DryRun } from '../../src/dry-run/dry-run.dto.ts';
import { fingerprint } from './fingerprint.ts';
import type { TestGateway } from './gateway.ts';

export interface Rehearsed {
  readonly method: string;
  readonly path: string;
  /** Beside dry_run, with its ampersand. */
  readonly query?: string;
  readonly body?: unknown;
}

/** Asks a gateway for plans, and holds that nothing of them remains: no row, no poke, no notice. */
export async function planner(gateway: TestGateway) {
  const told: string[] = [];
  const ears = new Client({ connectionString: gateway.url });
  await ears.connect();
  ears.on('notification', ({ channel, payload }) => told.push(`${channel} ${payload}`));
  await ears.query(`LISTEN "${operationChannel}"; LISTEN "${eventChannel}"; LISTEN "the end"`);

  /** Waits for what was notified before now: notifications come in order. */
  const listened = async (): Promise<readonly string[]> => {
    const mark = `the end ${randomUUID()}`;
    await ears.query(`SELECT pg_notify('the end', '${mark}')`);
    await waitFor(() => told.includes(`the end ${mark}`));
    return told.filter((line) => !line.startsWith('the end'));
  };

  return {
    /** The plan of a request, which is asked for twice. */
    async plan({ method, path, query = '', body }: Rehearsed): Promise<DryRun> {
      const [before, pokes, notices] = [await fingerprint(gateway.db), gateway.poked.length, (await listened()).length];
      const answers: DryRun[] = [];
      for (const _ of ['once', 'again']) {
        const answer = await gateway.call(method, `${path}?dry_run=true${query}`, {
          ...(body === undefined ? {} : { body }),
          headers: { 'idempotency-key': randomUUID() },
        });
        expect([answer.statusCode, answer.json()]).toEqual([200, expect.objectContaining({ dry_run: true })]);
        answers.push(DryRun.strict().parse(answer.json()));
      }
      expect(await fingerprint(gateway.db)).toBe(before);
      expect(gateway.poked.length).toBe(pokes);
      expect((await listened()).slice(notices)).toEqual([]);
      const [first, second] = answers as [DryRun, DryRun];
      expect({ ...second, targets: [], change: undefined }).toEqual({ ...first, targets: [], change: undefined });
      return second;
    },
    close: () => ears.end(),
  };
}

export type Planner = Awaited<ReturnType<typeof planner>>;

export type Refused = readonly [title: string, method: string, path: string, body: unknown];

/** Holds that a request is refused, and that its dry run is refused with the same status, code and text. */
export async function expectRefusedAlike(gateway: TestGateway, [, method, path, body]: Refused): Promise<void> {
  const said = async (asked: string) => {
    const answer = await gateway.call(method, asked, body === undefined ? {} : { body });
    return { status: answer.statusCode, code: answer.json()['code'], error: answer.json()['error'] };
  };
  const planned = await said(`${path}?dry_run=true`);
  const real = await said(path);
  expect(planned).toEqual(real);
  expect(real.status).toBeGreaterThanOrEqual(400);
}
