import { expect, test } from 'vitest';
import { type BusEvent, broadcastPayloads, noticeReader, recordedPayload } from './event-notice.ts';

const event = (payload: Record<string, unknown>): BusEvent => ({
  event: 'TASK_UPDATED',
  workspace_id: '00000000-0000-4000-8000-000000000001',
  timestamp: '2026-11-21T00:00:00.000Z',
  payload,
});
const readAll = (payloads: string[]) => {
  const reader = noticeReader();
  return payloads.flatMap((payload) => {
    const notice = reader.read(payload);
    return notice && 'events' in notice ? notice.events : [];
  });
};

test('gathers small events into few payloads that Postgres accepts', () => {
  const events = Array.from({ length: 500 }, (_, place) => event({ place }));
  const payloads = broadcastPayloads(events);
  expect(payloads.length).toBeLessThan(20);
  for (const payload of payloads) expect(Buffer.byteLength(payload)).toBeLessThan(8_000);
  expect(readAll(payloads)).toEqual(events);
});

test('sends an event of any size, in its place', () => {
  const events = [event({ n: 1 }), event({ text: 'ä€😀"\\'.repeat(5_000) }), event({ n: 2 })];
  const payloads = broadcastPayloads(events);
  for (const payload of payloads) expect(Buffer.byteLength(payload)).toBeLessThan(8_000);
  expect(readAll(payloads)).toEqual(events);
});

test('ignores the end of an event whose beginning was missed', () => {
  const [, ...rest] = broadcastPayloads([event({ text: 'x'.repeat(20_000) })]);
  expect(readAll(rest)).toEqual([]);
});

test('names a recorded event that is too large to send', () => {
  const id = '00000000-0000-4000-8000-00000000000a';
  expect(noticeReader().read(recordedPayload(id, event({ text: 'x'.repeat(8_000) })))).toEqual({ recordedId: id });
  expect(noticeReader().read(recordedPayload(id, event({ n: 1 })))).toEqual({ events: [event({ n: 1 })] });
});

test('sends nothing for no events', () => {
  expect(broadcastPayloads([])).toEqual([]);
});
