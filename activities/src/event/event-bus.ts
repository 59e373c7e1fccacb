import type { Database } from '@holdfast/prisma';
import { databaseInstant, eventById, eventsSince } from './event-list.ts';
import { type BusEvent, eventChannel, type EventNotice, noticeReader } from './event-notice.ts';

/** Where notifications come from: one connection that listens, and comes back by itself. */
export interface NotificationSource {
  on(channel: string, handler: (payload: string) => void): () => void;
  /** Calls the handler when notifications may be missed from now on, and again when they arrive anew. */
  onGap(handler: () => void): () => void;
  readonly listening: boolean;
}

type Listener = (event: BusEvent) => void;

/** What was committed this long before a gap is read again: a transaction may take its time to commit. */
const OVERLAP_MS = 60_000;
const PAGE = 500;
const RETRY_MS = 1_000;
/** Workspaces whose last number is remembered. */
const MOST_REMEMBERED = 100_000;

/**
 * Every event of the installation, in order for each workspace, whichever process it comes from. Recorded events that
 * were missed while the connection was broken are read from their table, and none is delivered twice.
 */
export class EventBus {
  private readonly db: Database;
  private readonly onTrouble: (error: unknown) => void;
  private readonly listeners = new Map<string | null, Set<Listener>>();
  private readonly reader = noticeReader();
  /** The number of the last recorded event delivered, by workspace; the longest silent first. */
  private readonly last = new Map<string, number>();
  private readonly leave: (() => void)[];
  private tail: Promise<void> = Promise.resolve();
  private backlog = 0;
  /** From when on notifications may be missing; null while they arrive. At first nothing listens yet. */
  private brokenAt: number | null = performance.now();
  private closed = false;

  /** @param onTrouble told of a read that failed, which is tried again, and of a listener that threw */
  constructor(source: NotificationSource, db: Database, onTrouble: (error: unknown) => void) {
    this.db = db;
    this.onTrouble = onTrouble;
    this.leave = [
      source.on(eventChannel, (payload) => this.arrive(this.reader.read(payload))),
      source.onGap(() => (source.listening ? this.resume() : this.break())),
    ];
  }

  /**
   * Calls the listener with every event from now on, or with those of one workspace; the function it returns ends that.
   */
  subscribe(listener: Listener, workspaceId: string | null = null): () => void {
    const listeners = this.listeners.get(workspaceId) ?? new Set();
    this.listeners.set(workspaceId, listeners.add(listener));
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0 && this.listeners.get(workspaceId) === listeners) this.listeners.delete(workspaceId);
    };
  }

  close(): void {
    this.closed = true;
    for (const leave of this.leave) leave();
    this.listeners.clear();
  }

  private arrive(notice: EventNotice | null): void {
    if (!notice) return;
    // What has to be read first holds up what came after it: order counts.
    if ('recordedId' in notice) this.later(async () => this.deliver([await eventById(this.db, notice.recordedId)]));
    else if (this.backlog > 0) this.later(() => this.deliver(notice.events));
    else this.deliver(notice.events);
  }

  private break(): void {
    this.reader.forget();
    this.brokenAt ??= performance.now() - OVERLAP_MS;
  }

  private resume(): void {
    const since = this.brokenAt;
    this.brokenAt = null;
    if (since !== null) this.later(() => this.readMissed(since));
  }

  private async readMissed(since: number): Promise<void> {
    const from = await databaseInstant(this.db, since);
    for (let read = 0, page = PAGE; page === PAGE; read += page) {
      const missed = await eventsSince(this.db, from, { offset: read, limit: PAGE });
      this.deliver(missed);
      page = missed.length;
    }
  }

  private later(step: () => void | Promise<void>): void {
    this.backlog += 1;
    this.tail = this.tail.then(() => this.insist(step)).finally(() => (this.backlog -= 1));
  }

  /** Repeats a step until it works: giving up would lose events, going on would disorder them. */
  private async insist(step: () => void | Promise<void>): Promise<void> {
    while (!this.closed) {
      try {
        return await step();
      } catch (error) {
        this.onTrouble(error);
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS).unref());
      }
    }
  }

  private deliver(events: readonly (BusEvent | null)[]): void {
    for (const event of events) {
      if (!event || !this.isNew(event)) continue;
      for (const listener of this.listeners.get(event.workspace_id) ?? []) this.tell(listener, event);
      for (const listener of this.listeners.get(null) ?? []) this.tell(listener, event);
    }
  }

  /** A listener that fails must not keep the event from the others. */
  private tell(listener: Listener, event: BusEvent): void {
    try {
      listener(event);
    } catch (error) {
      this.onTrouble(error);
    }
  }

  private isNew({ workspace_id, seq }: BusEvent): boolean {
    if (seq === undefined) return true;
    if (seq <= (this.last.get(workspace_id) ?? 0)) return false;
    this.last.delete(workspace_id);
    this.last.set(workspace_id, seq);
    if (this.last.size > MOST_REMEMBERED) {
      const [longestSilent = ''] = this.last.keys();
      this.last.delete(longestSilent);
    }
    return true;
  }
}
