import type { BusEvent } from '@holdfast/activities/event/event-notice';
import { expect, test } from 'vitest';
import { foreignFrame, frame } from './visible-event.ts';

const event = (name: string, payload: Record<string, unknown>, more: Partial<BusEvent> = {}): BusEvent => ({
  event: name as BusEvent['event'],
  workspace_id: 'w',
  timestamp: '2026-11-21T00:00:00.000Z',
  payload,
  ...more,
});

test('a frame has the four members of the envelope and no more', () => {
  const online = event('WORKSPACE_ONLINE', { url: 'u' }, { seq: 3 });
  expect(JSON.parse(frame(online))).toEqual({
    event: 'WORKSPACE_ONLINE',
    workspace_id: 'w',
    timestamp: online.timestamp,
    payload: { url: 'u' },
  });
});

test.each(['AGENT_MESSAGE', 'A2A_RESPONSE'])('%s of another workspace is not heard', (name) => {
  expect(foreignFrame(event(name, { message: 'hello' }))).toBeNull();
});

test('an event of another workspace is heard without its chat', () => {
  const heard = foreignFrame(
    event('ACTIVITY_LOGGED', { id: 1, request_body: 'a', response_body: 'b', tool_trace: [] }),
  );
  expect(JSON.parse(heard ?? '')).toMatchObject({ payload: { id: 1 } });
  expect(heard).not.toMatch(/body|trace/);
});

test('what has no chat in it is heard as it is', () => {
  const online = event('WORKSPACE_ONLINE', { url: 'u' });
  expect(foreignFrame(online)).toBe(frame(online));
});
