import type { Tx } from '@holdfast/prisma';
import { Refusal } from '@holdfast/activities/failure/refusal';
import { requestCancel } from '@holdfast/activities/operation/cancel';
import type { Poker } from '@holdfast/activities/operation/poker';
import type { Cipher } from '@holdfast/activities/secret/cipher';
import { requestCollapse } from '@holdfast/activities/workspace/collapse-workspace';
import { createWorkspace } from '@holdfast/activities/workspace/create-workspace';
import { requestDelete } from '@holdfast/activities/workspace/delete-workspace';
import { requestPause } from '@holdfast/activities/workspace/pause-workspace';
import { requestHibernate } from '@holdfast/activities/workspace/request-hibernate';
import { requestRestart, requestRestartAfter } from '@holdfast/activities/workspace/request-restart';
import { requestRetry } from '@holdfast/activities/workspace/request-retry';
import { requestSwitch } from '@holdfast/activities/workspace/request-switch';
import { requestWake } from '@holdfast/activities/workspace/request-wake';
import { requestResume } from '@holdfast/activities/workspace/resume-workspace';
import { aWorkspace } from '@holdfast/infra/testing/a-workspace';
import type { CloudProvider } from '@holdfast/workflows/box/box';

export type Verb =
  | 'create'
  | 'restart'
  | 'restartAfter'
  | 'pause'
  | 'resume'
  | 'hibernate'
  | 'wake'
  | 'delete'
  | 'collapse'
  | 'switch'
  | 'cancel'
  | 'retry';

export interface Request {
  readonly verb: Verb;
  /** Of the workspace; of the operation for a cancel and a retry; of the parent, or null, for a create. */
  readonly id: string | null;
  /** The cloud that a create or a switch is to, where there are any. */
  readonly to?: CloudProvider | null;
}

/** What was accepted, and whom to poke. */
export interface Accepted {
  /** Operations whose outcome answers the request. */
  readonly operations: readonly string[];
  /** The workspace a create has made. */
  readonly workspaceId?: string;
  readonly poke: { readonly workspaceId: string; readonly tree: boolean } | null;
}

const actor = 'property-test';
const nothing: Accepted = { operations: [], poke: null };

type Intake = (tx: Tx, id: string, more: { cipher: Cipher; to: CloudProvider | null }) => Promise<Accepted>;
const of = (workspaceId: string, operationId: string): Accepted => ({
  operations: [operationId],
  poke: { workspaceId, tree: false },
});

interface Tree {
  readonly rootId: string;
  readonly members: readonly { readonly workspaceId: string; readonly operationId: string | null }[];
}

/** A request of several workspaces is poked through its tree, one of a single workspace directly: as the gateway does. */
function ofTree({ rootId, members }: Tree): Accepted {
  const [first] = members;
  const tree = members.length > 1;
  return {
    operations: members.flatMap(({ operationId }) => operationId ?? []),
    poke: first ? { workspaceId: tree ? rootId : first.workspaceId, tree } : null,
  };
}

const intakes: Record<Verb, Intake> = {
  async create(tx, parentId, { cipher, to }) {
    const compute = to && { provider: to };
    const secrets = { KEY: 'value' };
    const fields = aWorkspace({ name: 'of the property test', parentId: parentId || null, compute, secrets });
    const created = await createWorkspace(tx, fields, { cipher, orgId: 'default', actor });
    if (created.status !== 'provisioning') throw new Error('the platform runs its box');
    return { ...of(created.id, created.operationId), workspaceId: created.id };
  },
  async restart(tx, workspaceId) {
    const intake = await requestRestart(tx, { workspaceId, actor });
    return intake.noop ? nothing : of(workspaceId, intake.operationId);
  },
  async restartAfter(tx, workspaceId) {
    const intake = await requestRestartAfter(tx, { workspaceId, actor, reason: 'a change', cause: 'change' });
    return intake ? of(workspaceId, intake.operationId) : nothing;
  },
  pause: async (tx, workspaceId) => ofTree(await requestPause(tx, { workspaceId, actor })),
  resume: async (tx, workspaceId) => ofTree(await requestResume(tx, { workspaceId, actor })),
  collapse: async (tx, workspaceId) => ofTree(await requestCollapse(tx, { workspaceId, actor })),
  async hibernate(tx, workspaceId) {
    return of(workspaceId, (await requestHibernate(tx, { workspaceId, force: true, actor })).operationId);
  },
  async wake(tx, workspaceId) {
    return of(workspaceId, (await requestWake(tx, { workspaceId, actor })).operationId);
  },
  async delete(tx, workspaceId) {
    const intake = await requestDelete(tx, { workspaceId, confirm: true, purge: false, actor });
    return intake.settled ? nothing : ofTree(intake);
  },
  async switch(tx, workspaceId, { to }) {
    const request = { workspaceId, provider: to ?? 'aws', confirmDataLoss: false, actor };
    const intake = await requestSwitch(tx, request);
    return intake.noop ? nothing : of(workspaceId, intake.operationId);
  },
  async cancel(tx, operationId) {
    const { workspaceId } = await requestCancel(tx, { operationId, actor });
    return { operations: [operationId], poke: { workspaceId, tree: false } };
  },
  async retry(tx, operationId) {
    const retried = await requestRetry(tx, { operationId, actor });
    return of(retried.workspaceId, retried.operationId);
  },
};

/**
 * Takes a request in by the product's own functions, in the transaction of the caller.
 * @throws Refusal what the guards and the matrix answer
 */
export const takeIn = (tx: Tx, { verb, id, to = null }: Request, cipher: Cipher): Promise<Accepted> =>
  intakes[verb](tx, id ?? '', { cipher, to });

export const pokeAfter = async (poker: Poker, { poke }: Accepted): Promise<void> => {
  if (poke) await (poke.tree ? poker.pokeTree(poke.workspaceId) : poker.poke(poke.workspaceId));
};

export const refusalOf = (error: unknown): string | undefined => (error instanceof Refusal ? error.code : undefined);
