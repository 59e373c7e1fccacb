import pg from 'pg';
import type { NotificationSource } from '@holdfast/activities/event/event-bus';

/** A source on a connection of its own that can be broken and mended; at first it is broken. */
export interface BreakableSource extends NotificationSource, AsyncDisposable {
  break(): Promise<void>;
  mend(): Promise<void>;
}

export function breakableSource(url: string): BreakableSource {
  const handlers = new Map<string, (payload: string) => void>();
  const gapHandlers = new Set<() => void>();
  let client: pg.Client | null = null;
  const source: BreakableSource = {
    on: (channel, handler) => {
      handlers.set(channel, handler);
      return () => handlers.delete(channel);
    },
    onGap: (handler) => {
      gapHandlers.add(handler);
      return () => gapHandlers.delete(handler);
    },
    get listening() {
      return client !== null;
    },
    async break() {
      const old = client;
      client = null;
      await old?.end();
      for (const handler of gapHandlers) handler();
    },
    async mend() {
      const fresh = new pg.Client(url);
      fresh.on('notification', ({ channel, payload }) => handlers.get(channel)?.(payload ?? ''));
      await fresh.connect();
      for (const channel of handlers.keys()) await fresh.query(`LISTEN ${channel}`);
      client = fresh;
      for (const handler of gapHandlers) handler();
    },
    [Symbol.asyncDispose]: () => source.break(),
  };
  return source;
}
