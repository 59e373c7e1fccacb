import { Injectable } from '@nestjs/common';

/** Streams and sockets that stay open until somebody ends them; a gateway that stops ends them all. */
@Injectable()
export class OpenStreams {
  private readonly closers = new Set<() => void>();

  /** Registers how to end one; the function it returns is for one that has ended. */
  add(close: () => void): () => void {
    this.closers.add(close);
    return () => this.closers.delete(close);
  }

  get size(): number {
    return this.closers.size;
  }

  closeAll(): void {
    for (const close of this.closers) close();
    this.closers.clear();
  }
}
