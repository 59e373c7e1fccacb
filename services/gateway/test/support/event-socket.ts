import { once } from 'node:events';
import WebSocket from 'ws';

/** What a frame says, as the tests look at it. */
export interface Heard {
  event: string;
  workspace_id: string;
  timestamp: string;
  payload: Record<string, unknown>;
}

export interface TestSocket {
  readonly socket: WebSocket;
  readonly heard: Heard[];
  close(): Promise<void>;
}

/** Opens a socket of a gateway and gathers what it hears. */
export async function openSocket(
  url: string,
  headers: Record<string, string>,
  protocols: string[] = [],
): Promise<TestSocket> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/ws`, protocols, { headers });
  const heard: Heard[] = [];
  socket.on('message', (data: Buffer) => heard.push(JSON.parse(data.toString()) as Heard));
  await once(socket, 'open');
  return {
    socket,
    heard,
    close: async () => {
      if (socket.readyState === WebSocket.CLOSED) return;
      socket.close();
      await once(socket, 'close');
    },
  };
}

/** The answer to a handshake that is refused. */
export async function refusedSocket(
  url: string,
  headers: Record<string, string>,
  path = '/ws',
): Promise<{ status: number; body: string }> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}${path}`, [], { headers });
  socket.on('error', () => undefined);
  const [, answer] = (await once(socket, 'unexpected-response')) as [unknown, import('node:http').IncomingMessage];
  const parts: Buffer[] = [];
  for await (const part of answer) parts.push(part as Buffer);
  return { status: answer.statusCode ?? 0, body: Buffer.concat(parts).toString() };
}
