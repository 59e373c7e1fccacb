import type { WebSocket } from 'ws';

/** Messages that may wait for a slow client; more are dropped, and the socket stays. */
const MOST_WAITING = 256;
/** A client that does not answer a close is cut after this time, in milliseconds. */
const CLOSE_MS = 1_000;

/** One open socket. What the client sends is read and thrown away. */
export class SocketListener {
  private waiting = 0;

  constructor(
    private readonly socket: WebSocket,
    /** Whose agent it is; null is the canvas. */
    readonly workspaceId: string | null,
  ) {
    // A frame that breaks the protocol closes the socket; there is nobody to tell.
    socket.on('error', () => undefined);
  }

  send(text: string): void {
    if (this.waiting >= MOST_WAITING || this.socket.readyState !== this.socket.OPEN) return;
    this.waiting += 1;
    this.socket.send(text, () => (this.waiting -= 1));
  }

  onClose(ended: () => void): void {
    this.socket.once('close', ended);
  }

  close(code: number, reason: string): void {
    this.socket.close(code, reason);
    setTimeout(() => this.socket.terminate(), CLOSE_MS).unref();
  }
}
