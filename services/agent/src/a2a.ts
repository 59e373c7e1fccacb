import { randomUUID } from 'node:crypto';

type Json = Record<string, unknown>;

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const failure = (id: unknown, code: number, message: string): Json => ({
  jsonrpc: '2.0',
  id: id ?? null,
  error: { code, message },
});

/**
 * Answers one JSON-RPC request of the A2A protocol, 0.3 shape. Without a model to ask, the answer to a message is the
 * message.
 */
export function answer(text: string): Json {
  let request: unknown;
  try {
    request = JSON.parse(text);
  } catch {
    return failure(null, -32700, 'Parse error');
  }
  if (!isObject(request) || request['jsonrpc'] !== '2.0' || typeof request['method'] !== 'string') {
    return failure(isObject(request) ? request['id'] : null, -32600, 'Invalid Request');
  }
  const { id, method, params } = request;
  if (method !== 'message/send') return failure(id, -32601, `Method not found: ${method}`);
  const message = isObject(params) ? params['message'] : undefined;
  if (!isObject(message) || !Array.isArray(message['parts']))
    return failure(id, -32602, 'Invalid params: message.parts is required');
  // Enum-style names belong to another version of the protocol; guessing would hide the sender's mistake.
  const { role, parts, contextId } = message;
  if (role !== 'user' && role !== 'agent')
    return failure(id, -32600, 'Invalid Request: role must be "user" or "agent"');
  if (!parts.every((part) => isObject(part) && typeof part['kind'] === 'string')) {
    return failure(id, -32600, 'Invalid Request: every part needs a "kind"');
  }
  return {
    jsonrpc: '2.0',
    id: id ?? null,
    result: {
      kind: 'message',
      messageId: randomUUID(),
      role: 'agent',
      ...(typeof contextId === 'string' ? { contextId } : {}),
      parts: [{ kind: 'text', text: `echo: ${textOf(parts as Json[])}` }],
    },
  };
}

const textOf = (parts: readonly Json[]): string =>
  parts
    .filter((part) => part['kind'] === 'text' && typeof part['text'] === 'string')
    .map((part) => part['text'])
    .join('\n');
