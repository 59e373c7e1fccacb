import { setTimeout as sleep } from 'node:timers/promises';
import { type Answer, Api } from '../api/api.ts';
import { Failure } from '../failure/failure.ts';
import { printable } from '../terminal/text.ts';
import type { WorkspaceStatus } from './status-style.ts';

type WorkspaceView = Answer<'GET /workspaces/{id}'>;

/** A workspace is looked at this often even when no event tells of a change. */
const LOOK_EVERY_MS = 1_000;
/** And this often when it has no events to listen to. */
const LOOK_BLINDLY_EVERY_MS = 500;

/**
 * Waits until a workspace has one of the statuses. Its events say when to look; what counts is the row.
 * @param told hears the status whenever it has been looked at
 * @throws Failure when it is not there, or when it got where the wanted status does not follow by itself
 */
export async function waitForStatus(
  api: Api,
  id: string,
  wanted: readonly WorkspaceStatus[],
  told: (status: WorkspaceStatus) => void,
): Promise<WorkspaceView> {
  const changes = changesOf(api, id);
  let seen: WorkspaceView | null = null;
  let lostAt: number | undefined;
  try {
    for (;;) {
      try {
        const found: WorkspaceView = await look(api, id, seen);
        if (wanted.includes(found.status)) return found;
        seen = found;
        lostAt = undefined;
        told(found.status);
        await refuseHopeless(api, found, wanted);
      } catch (error) {
        lostAt ??= Date.now();
        // Who waits anyway sits out a gateway that is started anew, as a stream of events does.
        const isAway = seen !== null && error instanceof Failure && error.exit === 'unavailable';
        if (!isAway || Date.now() - lostAt > api.transport.timing.reopenMs) throw error;
      }
      await changes.next();
    }
  } finally {
    changes.stop();
  }
}

/** The workspace as it is. One that was there and is purged now is removed, with nothing left of it. */
async function look(api: Api, id: string, seen: WorkspaceView | null): Promise<WorkspaceView> {
  try {
    return await api.call('GET /workspaces/{id}', { path: { id } });
  } catch (error) {
    if (seen && error instanceof Failure && error.exit === 'notFound') return { ...seen, status: 'removed', url: '' };
    throw error;
  }
}

/** Nothing leads out of `removed`, and only another request leads out of `failed`. */
async function refuseHopeless(
  api: Api,
  { id, status }: WorkspaceView,
  wanted: readonly WorkspaceStatus[],
): Promise<void> {
  const isWaitedOut = status === 'failed' && wanted.includes('removed');
  if ((status !== 'failed' && status !== 'removed') || isWaitedOut) return;
  const [latest] = await api.call('GET /workspaces/{id}/operations', { path: { id }, query: { limit: 1 } });
  if (status === 'failed' && latest && (latest.state === 'accepted' || latest.state === 'running')) return;
  throw new Failure(
    'failure',
    `The workspace is ${status}${latest?.failure ? `: ${printable(latest.failure.text)}` : '.'}`,
    {
      code: latest?.failure?.code ?? `WORKSPACE_${status.toUpperCase()}`,
      next: latest?.failure?.next_step ?? `holdfast operation list ${id}`,
    },
  );
}

interface Changes {
  /** Resolves at the next sign of a change, and after a while without one. */
  next(): Promise<void>;
  stop(): void;
}

function changesOf(api: Api, id: string): Changes {
  const { signal } = api.transport;
  const stopped = new AbortController();
  const quietly = { ...api.transport, onRetry: () => undefined, signal: AbortSignal.any([signal, stopped.signal]) };
  const events = new Api(quietly).events('GET /workspaces/{id}/events/stream', { id });
  let listening = true;
  let pending: Promise<void> | undefined;
  const heard = (stillListening: boolean): void => {
    pending = undefined;
    listening = stillListening;
  };
  return {
    async next() {
      const enough = new AbortController();
      const pause = sleep(listening ? LOOK_EVERY_MS : LOOK_BLINDLY_EVERY_MS, undefined, {
        signal: AbortSignal.any([signal, enough.signal]),
      });
      const signs: Promise<unknown>[] = [pause.catch(() => undefined)];
      if (listening) {
        // Without the stream it is looked at more often instead; a failure that matters shows there.
        pending ??= events.next().then(
          ({ done }) => heard(!done),
          () => heard(false),
        );
        signs.push(pending);
      }
      await Promise.race(signs);
      enough.abort();
      signal.throwIfAborted();
    },
    stop() {
      // Ends the stream where it waits for something; the return, where it waits to be asked.
      stopped.abort();
      void events.return(undefined).catch(() => undefined);
    },
  };
}
