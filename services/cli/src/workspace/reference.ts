import type { Answer } from '../api/api.ts';
import type { Session } from '../command/session.ts';
import { Failure, usage } from '../failure/failure.ts';
import { printable } from '../terminal/text.ts';

/** A whole id needs no look-up. */
export const isId = (reference: string): boolean => uuid.test(reference);

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
/** A shorter beginning of an id is more likely a slip than an id. */
const LEAST_PREFIX = 4;

/**
 * The id of the workspace a person means: an id, the beginning of one, or a name. Names and beginnings are looked up
 * among the workspaces that are not removed.
 * @throws Failure when there is none, or more than one
 */
export async function workspaceId(session: Session, reference: string): Promise<string> {
  if (uuid.test(reference)) return reference.toLowerCase();
  return workspaceIdIn(await session.api.call('GET /workspaces', {}), reference);
}

/** As `workspaceId`, among workspaces that are listed already. An id is taken as it is. */
export function workspaceIdIn(listed: Answer<'GET /workspaces'>, reference: string): string {
  if (uuid.test(reference)) return reference.toLowerCase();
  const named = listed.filter(({ name }) => name === reference);
  const meant = named.length > 0 ? named : listed.filter(({ id }) => isBeginningOf(reference, id));
  const [only] = meant;
  if (meant.length === 1 && only) return only.id;
  if (!only) {
    throw new Failure('notFound', `There is no workspace called "${printable(reference)}".`, {
      code: 'WORKSPACE_NOT_FOUND',
      next: 'holdfast workspace list',
    });
  }
  throw usage(
    `"${printable(reference)}" is ${meant.length} workspaces: ${meant.map(({ id }) => id).join(', ')}.`,
    'name it by its id',
  );
}

const isBeginningOf = (text: string, id: string): boolean => {
  const beginning = text.replace(/…$/, '').toLowerCase();
  return beginning.length >= LEAST_PREFIX && id.startsWith(beginning);
};
