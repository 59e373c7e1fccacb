import { Injectable } from '@nestjs/common';
import { tokenChannel } from '@holdfast/activities/token/tokens';
import type { Caller } from '../auth/caller.ts';
import { atExpiry, revokedWith } from '../auth/credential-end.ts';
import { Notifications } from '../database/notifications.ts';

/** Why a stream is ended from here: the gateway stops, or the credential that opened it does not count any more. */
export type StreamEnd = 'stopping' | 'credential';

interface OpenStream {
  readonly revokedWith: string | null;
  readonly end: (why: StreamEnd) => void;
}

/** Streams and sockets that stay open until somebody ends them; none outlives its credential, or the gateway. */
@Injectable()
export class OpenStreams {
  private readonly streams = new Set<OpenStream>();

  constructor(notifications: Notifications) {
    notifications.on(tokenChannel, (whose) => this.endRevoked(whose));
    // A revocation may have been missed: everybody proves himself again.
    notifications.onGap(() => notifications.listening && this.endRevoked(null));
  }

  /**
   * Registers how to end one; the function it returns is for one that has ended.
   * @param caller who opened it
   */
  add(caller: Caller, end: OpenStream['end']): () => void {
    const stream = { revokedWith: revokedWith(caller), end };
    this.streams.add(stream);
    const forgetExpiry = atExpiry(caller, () => end('credential'));
    return () => {
      forgetExpiry();
      this.streams.delete(stream);
    };
  }

  get size(): number {
    return this.streams.size;
  }

  closeAll(): void {
    for (const { end } of this.streams) end('stopping');
    this.streams.clear();
  }

  /** Ends what one revocation may concern; null: all that any may. Who may still listen comes back. */
  private endRevoked(whose: string | null): void {
    for (const stream of this.streams) {
      if (stream.revokedWith !== null && (whose === null || stream.revokedWith === whose)) stream.end('credential');
    }
  }
}
