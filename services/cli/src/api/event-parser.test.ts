import { expect, test } from 'vitest';
import { EventParser } from './event-parser.ts';

const whole =
  'id: 1\r\nevent: step\r\ndata: {"a":\r\ndata: 1}\r\n\r\n: ping\n\ndata:x\n\nretry: 250\nid: 2\n\ndata: y\n\n';
const events = [
  { event: 'step', data: '{"a":\n1}', id: '1' },
  { event: 'message', data: 'x', id: '1' },
  { event: 'message', data: 'y', id: '2' },
];

test('reads events, comments and ids in every form of line end', () => {
  const parser = new EventParser();
  expect(parser.take(whole)).toEqual(events);
  expect(parser.retryMs).toBe(250);
});

test('reads the same wherever the stream is cut into pieces', () => {
  for (let at = 1; at < whole.length; at += 1) {
    const parser = new EventParser();
    expect([...parser.take(whole.slice(0, at)), ...parser.take(whole.slice(at))]).toEqual(events);
  }
});

test('gives no event whose end has not come', () => {
  expect(new EventParser().take('data: half\n')).toEqual([]);
});
