import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { Refusal } from '@holdfast/activities/failure/refusal';
import type { FailureCode } from '@holdfast/workflows/failure/failures';

/** Keeps a caller's own id when it is harmless in a log. */
export function requestId(request: IncomingMessage): string {
  const given = request.headers['x-request-id'];
  return typeof given === 'string' && /^[\w.:-]{1,128}$/.test(given) ? given : randomUUID();
}

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
export const isUuid = (text: string): boolean => uuid.test(text);

/** Ids in paths, by what comes before them. */
const kinds: Record<string, { code: FailureCode; text: string }> = {
  workspaces: { code: 'INVALID_WORKSPACE_ID', text: 'invalid workspace ID' },
  events: { code: 'INVALID_WORKSPACE_ID', text: 'invalid workspace ID' },
  operations: { code: 'INVALID_REQUEST', text: 'invalid operation ID' },
};

/**
 * Checks the ids in a path and writes them in lower case, as Postgres does.
 * @throws Refusal when one is not a UUID
 */
export function checkIds(route: string | undefined, params: Record<string, string>): void {
  const [, collection, name] = /\/(workspaces|events|operations)\/:(\w+)/.exec(route ?? '') ?? [];
  const kind = kinds[collection ?? ''];
  if (!kind || !name) return;
  const id = params[name] ?? '';
  if (!isUuid(id)) throw new Refusal(kind.code, kind.text);
  params[name] = id.toLowerCase();
}
