import { randomUUID } from 'node:crypto';
import { requestCancel } from '@holdfast/activities/operation/cancel';
import type { Poker } from '@holdfast/activities/operation/poker';
import type { Cipher } from '@holdfast/activities/secret/cipher';
import { requestCollapse } from '@holdfast/activities/workspace/collapse-workspace';
import { requestDelete } from '@holdfast/activities/workspace/delete-workspace';
import { requestPause } from '@holdfast/activities/workspace/pause-workspace';
import { requestHibernate } from '@holdfast/activities/workspace/request-hibernate';
import { requestRestart } from '@holdfast/activities/workspace/request-restart';
import { requestSwitch } from '@holdfast/activities/workspace/request-switch';
import { requestWake } from '@holdfast/activities/workspace/request-wake';
import { requestResume } from '@holdfast/activities/workspace/resume-workspace';
import { waitFor } from '@holdfast/infra/testing/index';
import type { Database, Tx } from '@holdfast/prisma';
import type { CloudProvider } from '@holdfast/workflows/box/box';
import type { Ask, Before, Story } from './crash-story.ts';
import { ended, givenWorkspace } from './given.ts';
import { owner } from './host-boxes.ts';
import type { RealBox, Reality } from './reality.ts';

const actor = 'test';
const LIMIT_MS = 120_000;

/** The workspace of a case, and what is asked of it: itself, or the parent that it is a member below. */
export interface Actor {
  readonly id: string;
  readonly rootId: string;
  /** What runs while the story begins; null when nothing does. */
  readonly running: string | null;
  /** The cloud it begins in, where there are clouds. */
  readonly provider: CloudProvider;
}

/** Where a switch goes from each cloud. */
const next: Readonly<Record<CloudProvider, CloudProvider>> = { aws: 'hetzner', hetzner: 'gcp', gcp: 'aws' };

export interface StageParts {
  readonly db: Database;
  readonly poker: Poker;
  readonly cipher: Cipher;
  readonly reality: Reality;
  readonly host: string;
}

/** Brings workspaces to where a story begins, and asks for what it tells of. */
export class CrashStage {
  private readonly parts: StageParts;
  /** Whose agents say nothing: those of these workspaces, except in boxes made later than the set says. */
  private readonly silent = new Map<string, 'all' | ReadonlySet<string>>();

  constructor(parts: StageParts) {
    this.parts = parts;
  }

  isMute = ({ workspaceId, boxId }: RealBox): boolean => {
    const which = this.silent.get(workspaceId);
    return which === 'all' || (which?.has(boxId) ?? false);
  };

  /** @param provider the cloud it begins in, where there are clouds */
  async enter({ before, tree, cloud }: Story, provider: CloudProvider = 'aws'): Promise<Actor> {
    const { db, poker, cipher, host, reality } = this.parts;
    const compute = reality.backend === 'control-plane' ? { provider } : null;
    const parent = tree ? await givenWorkspace(db, { compute }, cipher) : null;
    const fields = { secrets: { KEY: 'value' }, parentId: parent?.id ?? null, compute };
    const { id, operationId } = await givenWorkspace(db, fields, cipher);
    if (cloud) await db.workspace.update({ where: { id }, data: { backend: 'control-plane', host } });
    const actor_ = (running: string | null): Actor => ({ id, rootId: parent?.id ?? id, running, provider });
    if (before === 'new') return actor_(operationId);
    if (before === 'starting') this.silent.set(id, 'all');
    if (parent) await poker.poke(parent.id);
    await poker.poke(id);
    if (before === 'starting') {
      await this.untilWaiting(operationId);
      return actor_(operationId);
    }
    for (const first of parent ? [parent.operationId, operationId] : [operationId]) await this.untilEnded(first);
    return actor_(await this.goOn(before, actor_(null)));
  }

  /** Asks for something in a transaction of its own; answers with the operation of this workspace, where there is one. */
  async ask(ask: Ask, actor_: Actor): Promise<string | null> {
    if (ask === 'agents speak') {
      const { id } = actor_;
      this.silent.set(id, new Set((await this.boxesOf(id)).map(({ boxId }) => boxId)));
      return null;
    }
    return this.parts.db.$transaction(async (tx) => asks[ask](tx, actor_));
  }

  /** The poke of who asked. */
  poke = ({ id, rootId }: Actor): Promise<void> =>
    id === rootId ? this.parts.poker.poke(id) : this.parts.poker.pokeTree(rootId);

  /** Takes the host of what is there to be stopped away. */
  async takeHostAway({ id, provider }: Actor): Promise<void> {
    if ((await this.boxesOf(id)).length === 0) await this.leaveBox(id, provider);
    await this.moveBoxes(id, 'away');
  }

  moveBoxes = (workspaceId: string, to: string): Promise<unknown> =>
    this.parts.db.box.updateMany({ where: { workspaceId }, data: { host: to } });

  boxesOf = (workspaceId: string): Promise<readonly RealBox[]> => this.parts.reality.boxesOf(workspaceId);

  private async goOn(before: Before, actor_: Actor): Promise<string | null> {
    const verb = ({ paused: 'pause', hibernated: 'hibernate', restarting: 'restart', switching: 'switch' } as const)[
      before as 'paused'
    ];
    if (!verb) return null;
    const isUnderWay = before === 'restarting' || before === 'switching';
    if (isUnderWay) this.silent.set(actor_.id, 'all');
    const operationId = await this.ask(verb, actor_);
    if (!operationId) throw new Error(`nothing came of the ${verb}`);
    await this.poke(actor_);
    if (isUnderWay) {
      await this.untilWaiting(operationId);
      return operationId;
    }
    await this.untilEnded(operationId);
    if (actor_.rootId !== actor_.id) await waitFor(() => this.isFree(actor_.rootId), { timeoutMs: LIMIT_MS });
    return null;
  }

  private async untilEnded(operationId: string): Promise<void> {
    const state = await ended(this.parts.db, operationId, LIMIT_MS);
    if (state === 'succeeded') return;
    const { failureCode, failureText } = await this.parts.db.operation.findUniqueOrThrow({
      where: { id: operationId },
    });
    throw new Error(`the story could not begin: operation ${operationId} ${state}: ${failureCode} ${failureText}`);
  }

  private async isFree(id: string): Promise<boolean> {
    return (await this.parts.db.workspace.findUniqueOrThrow({ where: { id } })).operationId === null;
  }

  /** Its box is started, and its agent awaited. */
  private async untilWaiting(operationId: string): Promise<void> {
    const started = { operationId, step: 'start', state: 'done' };
    await waitFor(async () => (await this.parts.db.operationStep.count({ where: started })) === 1, {
      timeoutMs: LIMIT_MS,
      what: 'the wait for the agent',
    });
  }

  /** A box that an earlier operation could not stop, on the host that is away. */
  private async leaveBox(workspaceId: string, provider: CloudProvider): Promise<void> {
    const { db, reality } = this.parts;
    const boxId = randomUUID();
    const past = { operationId: randomUUID(), cycle: 1, owner, backend: reality.backend, provider };
    await db.box.create({ data: { id: boxId, workspaceId, host: 'away', state: 'owed', ...past } });
    await reality.leave({ boxId, workspaceId, provider });
  }
}

type Asked = (tx: Tx, of: Actor) => Promise<string | null>;
interface Tree {
  readonly members: readonly { readonly workspaceId: string; readonly operationId: string | null }[];
}
const ownOf = ({ members }: Tree, { id }: Actor): string | null =>
  members.find(({ workspaceId }) => workspaceId === id)?.operationId ?? null;

const remove =
  (purge: boolean): Asked =>
  async (tx, of) => {
    const intake = await requestDelete(tx, { workspaceId: of.rootId, confirm: true, purge, actor });
    return intake.settled ? null : ownOf(intake, of);
  };

const asks: Record<Exclude<Ask, 'agents speak'>, Asked> = {
  async restart(tx, { id }) {
    const intake = await requestRestart(tx, { workspaceId: id, actor });
    return intake.noop ? null : intake.operationId;
  },
  pause: async (tx, of) => ownOf(await requestPause(tx, { workspaceId: of.rootId, actor }), of),
  resume: async (tx, of) => ownOf(await requestResume(tx, { workspaceId: of.rootId, actor }), of),
  collapse: async (tx, of) => ownOf(await requestCollapse(tx, { workspaceId: of.rootId, actor }), of),
  hibernate: async (tx, { id }) => (await requestHibernate(tx, { workspaceId: id, force: true, actor })).operationId,
  wake: async (tx, { id }) => (await requestWake(tx, { workspaceId: id, actor })).operationId,
  async switch(tx, { id, provider }) {
    const intake = await requestSwitch(tx, {
      workspaceId: id,
      provider: next[provider],
      confirmDataLoss: false,
      actor,
    });
    return intake.noop ? null : intake.operationId;
  },
  delete: remove(false),
  purge: remove(true),
  async cancel(tx, { running }) {
    if (running) await requestCancel(tx, { operationId: running, actor });
    return running;
  },
};
