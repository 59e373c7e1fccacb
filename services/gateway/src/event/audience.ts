import { Inject, Injectable } from '@nestjs/common';
import { EventBus } from '@holdfast/activities/event/event-bus';
import type { BusEvent } from '@holdfast/activities/event/event-notice';
import type { Logger } from 'pino';
import { LOGGER } from '../core/parts.ts';
import type { SocketListener } from './socket-listener.ts';
import { foreignFrame, frame } from './visible-event.ts';
import { WorkspaceTree } from './workspace-tree.ts';

/** Events that may wait for the tree to be read; beyond that agents miss some, as slow clients do. */
const LONGEST_BACKLOG = 10_000;

/** Everybody who listens on a socket of this gateway, and what each of them hears. */
@Injectable()
export class Audience {
  private readonly canvases = new Set<SocketListener>();
  private readonly agents = new Set<SocketListener>();
  private backlog: BusEvent[] = [];
  private reading = false;

  constructor(
    private readonly tree: WorkspaceTree,
    @Inject(LOGGER) private readonly logger: Logger,
    bus: EventBus,
  ) {
    bus.subscribe((event) => this.tell(event));
  }

  get size(): number {
    return this.canvases.size + this.agents.size;
  }

  /** The function it returns is for a listener that has left. */
  add(listener: SocketListener): () => void {
    const listeners = listener.workspaceId === null ? this.canvases : this.agents;
    listeners.add(listener);
    return () => listeners.delete(listener);
  }

  private tell(event: BusEvent): void {
    if (this.canvases.size > 0) {
      const text = frame(event);
      for (const canvas of this.canvases) canvas.send(text);
    }
    if (this.agents.size === 0) return;
    if (!this.reading && this.tree.isReady(event.workspace_id)) this.tellAgents(event);
    else this.tellLater(event);
  }

  private tellAgents(event: BusEvent): void {
    const whole = frame(event);
    const foreign = foreignFrame(event);
    for (const agent of this.agents) {
      if (agent.workspaceId === event.workspace_id) agent.send(whole);
      else if (foreign !== null && this.tree.mayHear(agent.workspaceId ?? '', event.workspace_id)) agent.send(foreign);
    }
  }

  private tellLater(event: BusEvent): void {
    if (this.backlog.length < LONGEST_BACKLOG) this.backlog.push(event);
    if (!this.reading) void this.catchUp();
  }

  private async catchUp(): Promise<void> {
    this.reading = true;
    while (this.backlog.length > 0) {
      const waiting = this.backlog;
      this.backlog = [];
      await this.tree
        .read()
        .catch((error: unknown) => this.logger.warn({ err: error }, 'cannot read who may hear of whom'));
      for (const event of waiting) this.tellAgents(event);
    }
    this.reading = false;
  }
}
