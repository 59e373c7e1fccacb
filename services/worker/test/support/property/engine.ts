import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { BackendError } from '@holdfast/activities/box/backend-error';
import { superviseLoop } from '@holdfast/activities/loop/supervised-loop';
import type { Chance } from '@holdfast/infra/testing/chance';
import { Folder, type FolderBox } from '../folder-backend.ts';
import type { BoxHooks } from '../hooked.ts';
import { clock, type StepLog } from './step-log.ts';

/** How often the engine lets its callers down, each at least 0 and less than 1. */
export interface Moods {
  /** A start that is refused for good. */
  readonly refused: number;
  /** A call that fails, and works when tried again. */
  readonly failing: number;
  /** A start or stop that is carried out, but whose answer is lost. */
  readonly lost: number;
  /** A start whose answer never comes, and whose box comes later. */
  readonly late: number;
  /** Longest that such a box is late, in milliseconds. */
  readonly latestMs: number;
}

/** The folder of boxes, noting what is made and removed; and what the engine still has to do when its caller is dead. */
export class RecordedFolder extends Folder {
  private readonly log: StepLog;

  constructor(directory: string, log: StepLog) {
    super(directory);
    this.log = log;
    for (const name of ['late', 'known']) mkdirSync(path.join(directory, name), { recursive: true });
  }

  override put(box: FolderBox): void {
    // Noted first: who asks for a box knows it from here on, and a death in between makes nothing.
    writeFileSync(this.pathOf('known', box.boxId), '');
    super.put(box);
    this.log.write({ what: 'made', boxId: box.boxId, workspaceId: box.workspaceId, at: clock() });
  }

  override remove(boxId: string): boolean {
    const box = this.boxes().find((each) => each.boxId === boxId);
    const removed = super.remove(boxId);
    if (removed) this.log.write({ what: 'removed', boxId, workspaceId: box?.workspaceId ?? '', at: clock() });
    return removed;
  }

  /** Leaves a create to the engine, which comes to it some time after its caller has given up. */
  postpone(box: FolderBox, delayMs: number): void {
    const file = this.pathOf('late', box.boxId);
    writeFileSync(`${file}.partial`, JSON.stringify({ box, due: clock() + delayMs }));
    renameSync(`${file}.partial`, file);
  }

  /** The engine comes to what is due. A create asked for twice is one: the id of the box is its token. */
  catchUp(): void {
    for (const name of readdirSync(path.join(this.directory, 'late')).filter((each) => !each.endsWith('.partial'))) {
      const file = this.pathOf('late', name);
      const { box, due } = JSON.parse(readFileSync(file, 'utf8')) as { box: FolderBox; due: number };
      if (due > clock()) continue;
      if (!existsSync(this.pathOf('known', name))) this.put(box);
      rmSync(file);
    }
  }

  hasLate = (): boolean => readdirSync(path.join(this.directory, 'late')).length > 0;

  private pathOf = (kind: 'late' | 'known', boxId: string): string => path.join(this.directory, kind, boxId);
}

/** The engine itself, which outlives every worker. */
export function runEngine(folder: RecordedFolder, onFailure: (error: unknown) => void): AsyncDisposable {
  const stopping = new AbortController();
  const tick = (): Promise<void> => Promise.resolve(folder.catchUp());
  const loop = superviseLoop({ name: 'engine', periodMs: 25, tick, onFailure }, stopping.signal);
  return {
    async [Symbol.asyncDispose]() {
      stopping.abort();
      await loop;
    },
  };
}

/** What a worker meets at such an engine. */
export function moody(folder: RecordedFolder, moods: Moods, { next }: Chance): BoxHooks {
  const is = (rate: number): boolean => next() < rate;
  const failing = (): void => {
    if (is(moods.failing)) throw new BackendError('failed', 'moody: it failed');
  };
  const lost = (): void => {
    if (is(moods.lost)) throw new BackendError('unreachable', 'moody: the answer is lost');
  };
  return {
    beforeStart(spec) {
      if (is(moods.refused)) throw new BackendError('refused', 'moody: it says no');
      failing();
      if (!is(moods.late) || !spec.credentials) return;
      const { boxId, workspaceId, born, credentials } = spec;
      const box = { boxId, workspaceId, born: born.getTime(), token: credentials.token };
      folder.postpone(box, next() * moods.latestMs);
      throw new BackendError('unreachable', 'moody: no answer yet');
    },
    afterStart: lost,
    beforeStop: failing,
    afterStop: lost,
  };
}
