import pg from 'pg';
import { operationChannel } from '@holdfast/activities/operation/notices';
import { now } from './load.ts';
import type { Stage } from './stage.ts';

/** When operations were first heard of: Postgres announces one with the commit of the transaction that accepts it. */
export class Announcements {
  private readonly listener: pg.Client;
  private readonly announced = new Map<string, number>();

  private constructor(listener: pg.Client) {
    this.listener = listener;
    // Servers that end before the figure does, because the run is broken off, are no failure of it.
    listener.on('error', () => undefined);
    listener.on('notification', ({ payload = '' }) => {
      if (!this.announced.has(payload)) this.announced.set(payload, now());
    });
  }

  static async listen({ store }: Stage): Promise<Announcements> {
    const listener = new pg.Client(store.url);
    await listener.connect();
    await listener.query(`LISTEN ${operationChannel}`);
    return new Announcements(listener);
  }

  /** NaN for one that was not heard of. */
  at(operationId: string): number {
    return this.announced.get(operationId) ?? Number.NaN;
  }

  close(): Promise<void> {
    return this.listener.end();
  }
}
