import { StartFailure } from '../failure.ts';
import { waitFor } from '../process/wait-for.ts';
import type { Api } from './api.ts';

const NAME = 'first';
// Tier 2: what the reference agent needs, and no privilege.
const FIRST = { name: NAME, runtime: 'reference', tier: 2 };
const ONLINE_LIMIT_MS = 120_000;
const ANSWER_LIMIT_MS = 2_000;

interface Listed {
  readonly id: string;
  readonly name: string;
  readonly status: string;
  readonly url: string;
}

export interface FirstWorkspace {
  readonly id: string;
  readonly name: string;
  /** False when an earlier start made it. */
  readonly isNew: boolean;
}

/** Where the workspace of an earlier start may be that has lost its box since: to the machine's sleep, or to Ctrl-C. */
const lost: readonly string[] = ['online', 'degraded', 'offline', 'failed'];

/**
 * The workspace to show: one that is online and whose agent still answers, else one that is on its way, else that of an
 * earlier start with a new box, else a new one.
 * @throws StartFailure when the platform refuses it
 */
export async function openFirst(api: Api): Promise<FirstWorkspace> {
  const { body } = await api.call('GET', '/workspaces');
  const listed = body as unknown as readonly Listed[];
  for (const { id, name, status, url } of listed) {
    if (status === 'online' && (await answers(url))) return { id, name, isNew: false };
  }
  const coming = listed.find(({ name, status }) => name === NAME && status === 'provisioning');
  if (coming) return { id: coming.id, name: NAME, isNew: true };
  const earlier = listed.find(({ name, status }) => name === NAME && lost.includes(status));
  if (earlier) return { id: await restart(api, earlier.id), name: NAME, isNew: false };
  return { id: await create(api), name: NAME, isNew: true };
}

async function restart(api: Api, id: string): Promise<string> {
  const { status, body } = await api.call('POST', `/workspaces/${id}/restart`);
  if (status !== 200)
    throw new StartFailure(`The first workspace could not be restarted (HTTP ${status}): ${String(body['error'])}.`);
  return id;
}

async function create(api: Api): Promise<string> {
  const { status, body } = await api.call('POST', '/workspaces', FIRST);
  if (status !== 201)
    throw new StartFailure(`The first workspace was refused (HTTP ${status}): ${String(body['error'])}.`);
  return String(body['id']);
}

/** @throws StartFailure with what the platform says when it does not come online */
export async function untilOnline(api: Api, id: string, tell: (now: string) => void): Promise<void> {
  const outcome = await waitFor(
    async () => {
      const { body } = await api.call('GET', `/workspaces/${id}`);
      tell(String(body['status']));
      return body['status'] === 'online' || body['status'] === 'failed' ? String(body['status']) : undefined;
    },
    { timeoutMs: ONLINE_LIMIT_MS, everyMs: 100 },
  ).catch(() => 'not online in time');
  if (outcome !== 'online') throw new StartFailure(`The first workspace is ${outcome}: ${await why(api, id)}`);
}

/** What the platform says about the latest operation of a workspace. */
async function why(api: Api, id: string): Promise<string> {
  const { body } = await api.call('GET', `/workspaces/${id}/operations`);
  const [latest] = body as unknown as { phase: string | null; failure: { text: string; next_step: string } | null }[];
  if (!latest?.failure) return `its operation is at ${latest?.phase ?? 'its begin'}; the worker's log tells more.`;
  return [latest.failure.text, latest.failure.next_step].map((text) => text.trim().replace(/\.?$/, '.')).join(' ');
}

/** Deletes a workspace and waits until nothing of it is left to do. */
export async function deleteWorkspace(api: Api, id: string): Promise<void> {
  await api.call('DELETE', `/workspaces/${id}?confirm=true&purge=true`);
  const settled = async () => {
    const { body } = await api.call('GET', '/operations?state=open');
    return !(body as unknown as { workspace_id: string }[]).some((operation) => operation.workspace_id === id);
  };
  await waitFor(settled, { timeoutMs: ONLINE_LIMIT_MS, what: `the end of workspace ${id}` });
}

async function answers(url: string): Promise<boolean> {
  try {
    await (await fetch(url, { signal: AbortSignal.timeout(ANSWER_LIMIT_MS) })).arrayBuffer();
    return true;
  } catch {
    return false;
  }
}
