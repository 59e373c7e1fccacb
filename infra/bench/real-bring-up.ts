import { waitFor } from '../src/process/wait-for.ts';
import { type Client, now } from './load.ts';
import { createWorkspace } from './workspaces.ts';

const LIMIT_MS = 60_000;
/** How often it is looked whether the workspace is online; part of every time. */
const TICK_MS = 4;

/** Milliseconds from the request until the API says "online"; the workspace is deleted after. */
export async function bringUpAndDelete(client: Client): Promise<number> {
  const begun = now();
  const { id } = await createWorkspace(client, 'a workspace');
  let status = '';
  const hasEnded = async (): Promise<boolean> => {
    const answer = await client.expect(200, { method: 'GET', path: `/workspaces/${id}` });
    ({ status } = JSON.parse(answer.body.toString()) as { status: string });
    return status === 'online' || status === 'failed';
  };
  await waitFor(hasEnded, { timeoutMs: LIMIT_MS, everyMs: TICK_MS, what: 'the agent' });
  const took = now() - begun;
  if (status === 'failed') throw new Error(`the bring-up of ${id} failed`);
  await client.expect(200, { method: 'DELETE', path: `/workspaces/${id}?purge=true` });
  return took;
}
