import { Injectable } from '@nestjs/common';
import { tokenChannel } from '@holdfast/activities/token/tokens';
import { Notifications } from '../database/notifications.ts';
import type { Caller } from './caller.ts';

const MOST = 50_000;
const FRESH_MS = 30_000;
/**
 * Agents beat every thirty seconds: a token forgotten by then would be looked up at every beat. Still less than the five
 * minutes after which a token that is on record as unused counts as stale.
 */
const AGENT_FRESH_MS = 240_000;

interface Entry {
  readonly caller: Caller;
  readonly until: number;
}

/**
 * Live tokens seen lately, by hash: a fleet that beats does not look the same tokens up all day. An entry goes when
 * Postgres announces a revocation, and all of them when announcements may have been missed.
 */
@Injectable()
export class TokenCache {
  private readonly entries = new Map<string, Entry>();
  /** Counts what was dropped, so that a look-up that began before a revocation is not kept after it. */
  private epoch = 0;

  constructor(private readonly notifications: Notifications) {
    notifications.on(tokenChannel, (whose) => this.drop(whose));
    notifications.onGap(() => this.drop());
  }

  find(hash: string): Caller | undefined {
    const entry = this.entries.get(hash);
    return entry && entry.until > Date.now() ? entry.caller : undefined;
  }

  /** Keeps what `look` finds, unless something was revoked meanwhile or announcements do not arrive. */
  async remember(hash: string, look: () => Promise<Caller>): Promise<Caller> {
    const before = this.epoch;
    const caller = await look();
    if (caller.kind === 'anonymous' || before !== this.epoch || !this.notifications.listening) return caller;
    if (this.entries.size >= MOST) this.entries.clear();
    this.entries.set(hash, { caller, until: freshUntil(caller) });
    return caller;
  }

  private drop(whose?: string): void {
    this.epoch += 1;
    for (const [hash, { caller }] of this.entries) if (!whose || belongsTo(caller, whose)) this.entries.delete(hash);
  }
}

const belongsTo = (caller: Caller, whose: string): boolean =>
  caller.kind === 'workspace' ? caller.workspaceId === whose : whose === 'org';

/** An org token may expire without an announcement. */
function freshUntil(caller: Caller): number {
  if (caller.kind === 'workspace') return Date.now() + AGENT_FRESH_MS;
  const expiry = caller.kind === 'org' ? caller.expiresAt : null;
  return Math.min(Date.now() + FRESH_MS, expiry?.getTime() ?? Infinity);
}
