import { randomBytes, randomUUID } from 'node:crypto';
import type { Box, Database, Prisma } from '@holdfast/prisma';
import { uniqueId } from '@holdfast/infra/testing/index';
import type { OperationKind } from '@holdfast/workflows/operation/operation';
import { pino } from 'pino';
import { type BoxContext, type BoxSettings } from '../src/box/box-context.ts';
import type { BoxBackend } from '../src/box/backend.ts';
import { createDispatcher } from '../src/box/dispatcher.ts';
import type { Pulse } from '../src/box/pulse.ts';
import { parseRuntimes } from '../src/box/runtimes.ts';
import { plainBoxSettings } from '../src/box/testing/plain-settings.ts';
import { LiarEngine, liarBackend } from '../src/box/testing/liar.ts';
import type { BoxCredentials } from '../src/operation/mint.ts';
import { createCipher } from '../src/secret/cipher.ts';

const runtimes = parseRuntimes(`
fallback: langgraph
provisionTimeoutSeconds: 600
runtimes:
  reference: { image: 'reference:1' }
  langgraph: { image: 'langgraph:1' }
  hermes: { image: 'hermes:1' }
`);

/** One host with a lying engine, its own owner, and everything that is logged. */
export interface BoxRig {
  readonly context: BoxContext;
  readonly engine: LiarEngine;
  readonly logged: string[];
}

export function boxRig(
  db: Database,
  over: Partial<BoxSettings> & { backends?: (engine: LiarEngine, owner: string) => BoxBackend[] } = {},
): BoxRig {
  const { backends, ...settings } = over;
  const engine = new LiarEngine();
  const owner = uniqueId('owner');
  const logged: string[] = [];
  const context: BoxContext = {
    db,
    cipher: createCipher(randomBytes(32).toString('base64')),
    dispatcher: createDispatcher(backends?.(engine, owner) ?? [liarBackend(engine, owner)]),
    owner,
    host: uniqueId('host'),
    log: pino({ level: 'info' }, { write: (line: string) => void logged.push(line) }),
    settings: {
      ...plainBoxSettings,
      platformUrl: 'http://platform:8080',
      runtimes,
      stopRetryMs: { first: 1, longest: 10 },
      ...settings,
    },
  };
  return { context, engine, logged };
}

export interface Given {
  readonly workspaceId: string;
  readonly operationId: string;
  readonly order: {
    workspaceId: string;
    operationId: string;
    runId: string;
    cycle: number;
    host: string;
    backend: string;
  };
}

/** A workspace owned by a running operation, as a cycle finds it before its box is minted. */
export async function givenOperation(
  { context }: BoxRig,
  kind: OperationKind = 'provision',
  workspace: Partial<Prisma.WorkspaceUncheckedCreateInput> = {},
): Promise<Given> {
  const [workspaceId, operationId, runId] = [randomUUID(), randomUUID(), randomUUID()];
  const { db, host } = context;
  await db.operation.create({
    data: { id: operationId, orgId: 'default', workspaceId, kind, state: 'running', actor: 'test', runId, cycle: 1 },
  });
  await db.workspace.create({
    data: {
      id: workspaceId,
      orgId: 'default',
      name: 'Bot',
      runtime: 'reference',
      tier: 2,
      status: 'provisioning',
      operationId,
      ...workspace,
    },
  });
  return { workspaceId, operationId, order: { workspaceId, operationId, runId, cycle: 1, host, backend: 'docker' } };
}

export interface GivenBox extends Given {
  readonly boxId: string;
  readonly credentials: BoxCredentials;
  readonly startOrder: Given['order'] & { boxId: string };
}

/** The box that a mint leaves: on the ledger, current, its credentials sealed, unknown to any backend. */
export async function givenBox(
  rig: BoxRig,
  given?: Given,
  box: Partial<Prisma.BoxUncheckedCreateInput> = {},
): Promise<GivenBox> {
  const of = given ?? (await givenOperation(rig));
  const { db, cipher, owner, host } = rig.context;
  const boxId = randomUUID();
  const credentials = {
    token: `token-${randomUUID()}`,
    nonce: `nonce-${randomUUID()}`,
    inboundSecret: `inbound-${randomUUID()}`,
  };
  const { workspaceId, operationId } = of;
  await db.box.create({
    data: {
      id: boxId,
      workspaceId,
      operationId,
      cycle: 1,
      owner,
      host,
      backend: 'docker',
      sealedCredentials: cipher.seal(JSON.stringify(credentials)),
      ...box,
    },
  });
  const isCurrent = ['creating', 'running'].includes(box.state ?? 'creating');
  if (isCurrent)
    await db.workspace.update({ where: { id: workspaceId }, data: { boxId, boxOperationId: operationId } });
  return { ...of, boxId, credentials, startOrder: { ...of.order, boxId } };
}

/** The first step of whoever takes a workspace over: nothing of it counts any more. */
export async function takenOver({ context: { db } }: BoxRig, { workspaceId }: Given): Promise<void> {
  await db.workspace.update({
    where: { id: workspaceId },
    data: { operationId: randomUUID(), boxId: null, boxOperationId: null },
  });
  await db.box.updateMany({
    where: { workspaceId, state: { in: ['creating', 'running'] } },
    data: { state: 'stopping', stoppingAt: new Date() },
  });
}

export const rowOf = ({ context: { db } }: BoxRig, { boxId }: { boxId: string }): Promise<Box> =>
  db.box.findUniqueOrThrow({ where: { id: boxId } });

/** A pulse that nobody hears; `cut` cancels. */
export function aPulse(): Pulse & { readonly beats: () => number; cut(): void } {
  const controller = new AbortController();
  let beats = 0;
  return {
    signal: controller.signal,
    beat: () => void (beats += 1),
    beats: () => beats,
    cut: () => controller.abort(),
  };
}
