import { describe, expect, test } from 'vitest';
import { answer } from './a2a.ts';

const request = (over: Record<string, unknown> = {}, message: Record<string, unknown> = {}) =>
  JSON.stringify({
    jsonrpc: '2.0',
    id: 7,
    method: 'message/send',
    params: { message: { messageId: 'm', role: 'user', parts: [{ kind: 'text', text: 'hi' }], ...message } },
    ...over,
  });

describe('answer', () => {
  test('says a message back under the id of the request', () => {
    expect(answer(request())).toMatchObject({
      id: 7,
      result: { kind: 'message', role: 'agent', parts: [{ kind: 'text', text: 'echo: hi' }] },
    });
  });

  test('joins the text parts and leaves the others out', () => {
    const parts = [
      { kind: 'text', text: 'a' },
      { kind: 'file', file: {} },
      { kind: 'text', text: 'b' },
    ];
    expect(answer(request({}, { parts }))).toMatchObject({ result: { parts: [{ text: 'echo: a\nb' }] } });
  });

  test('keeps the context of the conversation', () => {
    expect(answer(request({}, { contextId: 'c' }))).toMatchObject({ result: { contextId: 'c' } });
  });

  test.each([
    ['text that is not JSON', '{', -32700],
    ['a list', '[]', -32600],
    ['another JSON-RPC version', request({ jsonrpc: '1.0' }), -32600],
    ['a method that is no text', request({ method: 1 }), -32600],
    ['an unknown method', request({ method: 'tasks/get' }), -32601],
    ['a request without a message', request({ params: {} }), -32602],
    ['a message without parts', request({}, { parts: 'hi' }), -32602],
    ['an enum-style role', request({}, { role: 'ROLE_USER' }), -32600],
    ['a part of another protocol version', request({}, { parts: [{ type: 'text', text: 'hi' }] }), -32600],
  ])('refuses %s', (_, text, code) => {
    expect(answer(text)).toMatchObject({ jsonrpc: '2.0', error: { code } });
  });
});
