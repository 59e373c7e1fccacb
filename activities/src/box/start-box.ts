import type { BoxOrder } from '@holdfast/workflows/box/ports';
import type { BoxCredentials } from '../operation/mint.ts';
import { BackendError } from './backend-error.ts';
import type { BoxSpec } from './backend.ts';
import type { BoxContext } from './box-context.ts';
import { beginCreate, endCreate, type LedgerRow, recordStart } from './ledger.ts';
import { type BoxPlan, planBox } from './plan-box.ts';
import type { Pulse } from './pulse.ts';
import { stepFailure } from './step-failure.ts';
import { stopBox } from './stop-box.ts';

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
  try {
    const plan = await planBox(context, order);
    for (const value of plan.env.values()) secrets.add(value);
    const begun = await beginCreate(context.db, order);
    if (begun === 'running' || begun === 'superseded') return;
    const credentials = openCredentials(context, begun.box);
    if (credentials) for (const value of Object.values(credentials)) secrets.add(value);
    const backend = context.dispatcher.backendOf(begun.box.backend);
    const started = await backend
      .start(specOf(context, plan, begun.box, credentials), signal)
      .catch(async (error: unknown) => {
        // Only without an answer may something still come out.
        if (!(error instanceof BackendError) || error.problem !== 'unreachable') await endCreate(context.db, begun);
        throw error;
      });
    if ((await recordStart(context.db, order, started)) === 'running') return;
    context.log.info({ boxId: order.boxId }, 'a box came up after it was superseded; stopping it');
    await stopBox(context, { ...begun.box, externalId: started.externalId }, { limitMs: SUPERSEDED_LIMIT_MS, signal });
  } catch (error) {
    const facts = { workspaceId: order.workspaceId, boxId: order.boxId, step: 'start' };
    throw stepFailure(error, { log: context.log, signal, facts, secrets });
  }
}

/** What is not stopped by then is owed. */
const SUPERSEDED_LIMIT_MS = 30_000;

function openCredentials({ cipher }: BoxContext, { sealedCredentials }: LedgerRow): BoxCredentials | null {
  return sealedCredentials && (JSON.parse(cipher.open(sealedCredentials)) as BoxCredentials);
}

function specOf({ settings }: BoxContext, plan: BoxPlan, box: LedgerRow, credentials: BoxCredentials | null): BoxSpec {
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
  };
}
