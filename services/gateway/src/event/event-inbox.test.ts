import type { BusEvent } from '@holdfast/activities/event/event-notice';
import { describe, expect, test } from 'vitest';
import { EventInbox } from './event-inbox.ts';

const event = (seq: number): BusEvent => ({
  event: 'WORKSPACE_ONLINE',
  workspace_id: 'w',
  timestamp: '',
  payload: {},
  seq,
});
const never = new AbortController().signal;

describe('an inbox', () => {
  test('keeps the order and the oldest sixty-four', () => {
    const inbox = new EventInbox();
    for (let seq = 1; seq <= 70; seq += 1) inbox.put(event(seq));
    const taken: number[] = [];
    for (let one = inbox.take(); one; one = inbox.take()) taken.push(one.seq!);
    expect(taken).toEqual(Array.from({ length: 64 }, (_, place) => place + 1));
  });

  test('tells of a loss once, after what was before it has been taken', () => {
    const inbox = new EventInbox();
    for (let seq = 1; seq <= 65; seq += 1) inbox.put(event(seq));
    expect(inbox.lost()).toBe(false);
    while (inbox.take());
    expect([inbox.lost(), inbox.lost()]).toEqual([true, false]);
  });

  test('wakes its reader for an event and for the end, and says when nothing came', async () => {
    const inbox = new EventInbox();
    const waiting = inbox.next(10_000, never);
    inbox.put(event(1));
    expect(await waiting).toBe(true);
    inbox.take();
    expect(await inbox.next(1, never)).toBe(false);
    const ending = new AbortController();
    const last = inbox.next(10_000, ending.signal);
    ending.abort();
    expect(await last).toBe(true);
  });
});
