import { setTimeout as pause } from 'node:timers/promises';
import type { Database } from '@holdfast/prisma';
import type { CloudProvider } from '@holdfast/workflows/box/box';
import type { Chance } from '@holdfast/infra/testing/chance';
import type { Fate, GatewayAnswer, Gateways } from './gateways.ts';
import type { Request, Verb } from './verbs.ts';

/** How often each verb is asked for by callers who do not look, out of 100 or so. */
const weights: Readonly<Partial<Record<Verb, number>>> = {
  restart: 36,
  restartAfter: 12,
  resume: 16,
  pause: 12,
  hibernate: 6,
  wake: 6,
  delete: 3,
  collapse: 1,
  switch: 14,
  cancel: 4,
  retry: 3,
};

const often = (verb: Verb, times: number): Verb[] => Array.from({ length: times }, () => verb);

/**
 * What makes sense in a status. Half of all requests do, the others are as blind as callers are. A switch is refused
 * wherever another verb was faster, so that it is asked for often.
 */
const sensible: Readonly<Record<string, readonly Verb[]>> = {
  provisioning: ['restart', 'restart', 'restartAfter', 'pause', 'delete', 'cancel'],
  online: ['restart', 'restart', 'hibernate', 'hibernate', 'hibernate', 'pause', 'restartAfter', ...often('switch', 7)],
  hibernating: ['wake', 'restart', 'cancel', 'pause', 'delete'],
  hibernated: ['wake', 'wake', 'wake', 'restart', 'pause', 'delete', ...often('switch', 3)],
  paused: ['resume', 'resume', 'resume', 'resume', 'restart', 'delete', ...often('switch', 3)],
  failed: ['restart', 'retry', 'retry', 'pause', ...often('switch', 2)],
};

/** The workspaces there are at any time: the place of its parent for each place, null for a tree's top. */
const places: readonly (number | null)[] = [null, null, null, null, null, 4, 4, null, 7, 8];

/** How fast it goes: where boxes are slow, too many requests only ever meet one another. */
export interface Pace {
  /** Longest pause between two bursts, in milliseconds. */
  readonly pauseMs: number;
  /** After which part of the bursts everything may come to rest. */
  readonly rests: number;
  readonly longestRestMs: number;
}

export interface LoadOptions {
  readonly db: Database;
  readonly gateways: Gateways;
  readonly luck: Chance;
  /** How many verbs are asked for; creates in the place of what was deleted not counted. */
  readonly verbs: number;
  /** The clouds that workspaces are in and move between; none where boxes are on hosts. */
  readonly clouds?: readonly CloudProvider[];
  /** How often a poke is dropped, or a gateway dies around its answer. */
  readonly fates: Readonly<Partial<Record<Fate, number>>>;
  readonly pace: Pace;
  /** Told after every burst, with how much of the load is behind it: at least 0, at most 1. */
  readonly onProgress: (done: number) => Promise<void>;
}

export interface Told {
  /** Everything callers were answered, in order. */
  readonly answers: readonly (GatewayAnswer & { readonly verb: Verb })[];
}

/** Asks for random verbs of a few workspaces, in bursts, more of some than of others. */
export class Load {
  private readonly options: LoadOptions;
  private readonly ids: (string | null)[] = places.map(() => null);
  private statuses = new Map<string, string>();
  readonly answers: (GatewayAnswer & { readonly verb: Verb })[] = [];

  constructor(options: LoadOptions) {
    this.options = options;
  }

  async run(): Promise<void> {
    const { luck, verbs, pace, onProgress } = this.options;
    await this.fill();
    for (let asked = 0; asked < verbs;) {
      const burst = Math.min(1 + Math.floor(luck.next() ** 3 * 40), verbs - asked);
      // One workspace gets most of some bursts: that is where requests meet.
      const place = luck.next() < 0.4 ? this.place() : null;
      const asks: Promise<unknown>[] = [];
      for (let at = 0; at < burst; at += 1) asks.push(this.ask(await this.draw(place)));
      await Promise.all(asks);
      asked += burst;
      await this.fill();
      await onProgress(asked / verbs);
      await pause(luck.next() ** 2 * pace.pauseMs);
      // Now and then they come to rest: what can only be asked of an agent that is online is asked then.
      if (luck.next() < pace.rests) await this.rest();
    }
  }

  /** Until nothing is open, or this has taken too long. */
  private async rest(): Promise<void> {
    const open = { state: { in: ['accepted', 'running'] as ('accepted' | 'running')[] } };
    for (const until = Date.now() + this.options.pace.longestRestMs; Date.now() < until; await pause(50)) {
      if ((await this.options.db.operation.count({ where: open })) === 0) break;
    }
    await this.fill();
  }

  /** A few places get most of what is asked for. */
  private place(): number {
    return Math.floor(this.options.luck.next() ** 1.7 * places.length);
  }

  private async draw(fixed: number | null): Promise<Request> {
    const { luck } = this.options;
    const id = this.ids[fixed ?? this.place()] ?? null;
    const fitting = sensible[this.statuses.get(id ?? '') ?? ''];
    const verb = fitting && luck.next() < 0.5 ? luck.pick(fitting.filter(this.isAsked)) : this.verb();
    const to = this.cloud();
    if (verb !== 'cancel' && verb !== 'retry') return { verb, id, to };
    return { verb, id: await this.operationOf(id, verb, luck), to };
  }

  /** Where there are no clouds, there is nothing to move between. */
  private readonly isAsked = (verb: Verb): boolean => verb !== 'switch' || this.options.clouds !== undefined;

  private cloud(): CloudProvider | null {
    const { clouds, luck } = this.options;
    return clouds ? luck.pick(clouds) : null;
  }

  private verb(): Verb {
    const all = (Object.entries(weights) as [Verb, number][]).filter(([verb]) => this.isAsked(verb));
    let left = this.options.luck.next() * all.reduce((sum, [, weight]) => sum + weight, 0);
    return all.find(([, weight]) => (left -= weight) < 0)?.[0] ?? 'restart';
  }

  /** The last operation of a workspace that a cancel or a retry may make sense for. */
  private async operationOf(
    workspaceId: string | null,
    verb: 'cancel' | 'retry',
    luck: Chance,
  ): Promise<string | null> {
    const found = await this.options.db.operation.findMany({
      where: {
        ...(workspaceId ? { workspaceId } : {}),
        state: { in: verb === 'cancel' ? ['accepted', 'running'] : ['failed', 'cancelled'] },
      },
      orderBy: { seq: 'desc' },
      take: 3,
      select: { id: true },
    });
    return found.length > 0 ? luck.pick(found).id : null;
  }

  private async ask(request: Request): Promise<GatewayAnswer> {
    if (request.id === null && request.verb !== 'create') return { n: 0 };
    const answer = await this.options.gateways.ask(request, this.fate());
    this.answers.push({ ...answer, verb: request.verb });
    return answer;
  }

  private fate(): Fate {
    let left = this.options.luck.next();
    const fates = Object.entries(this.options.fates) as [Fate, number][];
    return fates.find(([, rate]) => (left -= rate) < 0)?.[0] ?? 'lives';
  }

  /** Puts a new workspace in each place whose workspace was removed, or of which nobody knows whether it was made. */
  private async fill(): Promise<void> {
    const { db } = this.options;
    const rows = await db.workspace.findMany({ select: { id: true, status: true } });
    this.statuses = new Map(rows.map(({ id, status }) => [id, status]));
    for (const [place, id] of this.ids.entries()) {
      if (id !== null && this.statuses.get(id) === 'removed') this.ids[place] = null;
    }
    for (const [place, parent] of places.entries()) {
      if (this.ids[place] !== null) continue;
      const parentId = parent === null ? null : (this.ids[parent] ?? null);
      const { workspaceId } = await this.ask({ verb: 'create', id: parentId, to: this.cloud() });
      this.ids[place] = workspaceId ?? null;
    }
  }
}
