import type { IncomingHttpHeaders } from 'node:http';

const exemptPaths = new Set(['/health', '/ready', '/metrics', '/registry/register', '/registry/heartbeat']);

/** Whether a request is for this tenant. Routing hygiene, not authentication. */
export function isForTenant(orgId: string | undefined, path: string, headers: IncomingHttpHeaders): boolean {
  if (!orgId || exemptPaths.has(path) || path.startsWith('/cp/')) return true;
  return headers['x-molecule-org-id'] === orgId || replayState(headers['fly-replay-src']) === orgId;
}

/** The `state` of an edge's replay header: `k=v` pairs separated by semicolons. */
function replayState(header: string | string[] | undefined): string | undefined {
  const pairs = [header]
    .flat()
    .join(';')
    .split(';')
    .map((pair) => pair.trim());
  return pairs.find((pair) => pair.startsWith('state='))?.slice('state='.length);
}
