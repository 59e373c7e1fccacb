import { setTimeout as pause } from 'node:timers/promises';
import type { CloudProvider } from '@holdfast/workflows/box/box';
import type { BoxOrder } from '@holdfast/workflows/box/ports';
import type { BoxCredentials } from '../operation/mint.ts';
import { BackendError } from './backend-error.ts';
import type { BoxBackend, BoxSpec, StartedBox } from './backend.ts';
import type { BoxContext } from './box-context.ts';
import { beginCreate, type BegunCreate, endCreate, type LedgerRow, recordStart, type StartOrder } from './ledger.ts';
import { type BoxPlan, planBox } from './plan-box.ts';
import type { Pulse } from './pulse.ts';
import { stepFailure } from './step-failure.ts';
import { refOf, stopBox } from './stop-box.ts';

/**
 * Starts the box of a ledger row, and notes where it is. May run any number of times, also while an attempt that is
 * believed dead still runs: the ledger is asked before and after, and the backend finds what is already there.
 */
export async function startBox(
  context: BoxContext,
  order: BoxOrder & { boxId: string },
  { signal }: Pulse,
): Promise<void> {
  const secrets = new Set<string>();
  let isInCloud = false;
  try {
    const plan = await planBox(context, order);
    for (const value of plan.env.values()) secrets.add(value);
    const begun = await beginCreate(context.db, order);
    if (begun === 'running' || begun === 'superseded') return;
    isInCloud = begun.box.backend === 'control-plane';
    const credentials = openCredentials(context, begun.box);
    if (credentials) for (const value of Object.values(credentials)) secrets.add(value);
    const backend = context.dispatcher.backendOf(begun.box.backend);
    const started = await backend
      .start(specOf(context, plan, begun, credentials), signal)
      .catch(async (error: unknown) => {
        // Only without an answer may something still come out.
        if (!(error instanceof BackendError) || error.problem !== 'unreachable') await endCreate(context.db, begun);
        throw error;
      });
    const box = { ...begun.box, externalId: started.externalId };
    if ((await record(context, backend, order, { box, started })) === 'running') return;
    context.log.info({ boxId: order.boxId }, 'a box came up after it was superseded; stopping it');
    await stopBox(context, box, { limitMs: SUPERSEDED_LIMIT_MS, signal });
  } catch (error) {
    const facts = { workspaceId: order.workspaceId, boxId: order.boxId, step: 'start' };
    // The wire contract has a text of its own for each.
    const unexpected = isInCloud ? 'PROVISION_FAILED' : 'START_FAILED';
    throw stepFailure(error, { log: context.log, signal, facts, secrets, unexpected });
  }
}

/** What is not stopped by then is owed. */
const SUPERSEDED_LIMIT_MS = 30_000;
/** With doubling pauses these wait for several seconds. */
const RECORD_TRIES = 6;

/**
 * Notes that the box runs, and tries for a while when the database does not take it. An instance that cannot be noted is
 * ended by the id in hand: nobody else knows it.
 */
async function record(
  { db, settings, log }: BoxContext,
  backend: BoxBackend,
  order: StartOrder,
  { box, started }: { box: LedgerRow; started: StartedBox },
): Promise<'running' | 'superseded'> {
  for (let left = RECORD_TRIES; ; left--) {
    try {
      return await recordStart(db, order, started);
    } catch (error) {
      log.warn({ boxId: box.id, cause: String(error), left: left - 1 }, 'the start of a box was not noted');
      if (left > 1) {
        await pause(settings.stopRetryMs.first * 2 ** (RECORD_TRIES - left));
        continue;
      }
      if (backend.endInstance) await backend.stop(refOf(box));
      throw error;
    }
  }
}

function openCredentials({ cipher }: BoxContext, { sealedCredentials }: LedgerRow): BoxCredentials | null {
  return sealedCredentials && (JSON.parse(cipher.open(sealedCredentials)) as BoxCredentials);
}

function specOf(
  { settings }: BoxContext,
  plan: BoxPlan,
  { box, isUnanswered }: BegunCreate,
  credentials: BoxCredentials | null,
): BoxSpec {
  const { row, runtime, env, config } = plan;
  const { awarenessUrl, platformUrl } = settings;
  return {
    boxId: box.id,
    workspaceId: row.id,
    born: box.createdAt,
    runtime: runtime.name,
    image: runtime.image,
    ...(runtime.limits ? { limits: runtime.limits } : {}),
    tier: row.tier,
    platform: {
      platformUrl,
      ...(row.awarenessNamespace && awarenessUrl
        ? { awareness: { namespace: row.awarenessNamespace, url: awarenessUrl } }
        : {}),
    },
    env: Object.fromEntries(env),
    config,
    credentials: credentials && { token: credentials.token, inboundSecret: credentials.inboundSecret },
    workspaceDir: row.workspaceDir ?? settings.workspaceDir,
    workspaceAccess: row.workspaceAccess,
    resetSession: row.reset,
    ...(box.provider === null
      ? {}
      : {
          cloud: {
            provider: box.provider as CloudProvider,
            compute: row.compute ?? {},
            nonce: credentials && credentials.nonce,
            isUnanswered,
          },
        }),
  };
}
