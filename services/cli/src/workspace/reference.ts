import type { Answer } from '../api/api.ts';
import type { Session } from '../command/session.ts';
import { Failure, usage } from '../failure/failure.ts';
import { printable } from '../terminal/text.ts';

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
  const listed: Answer<'GET /workspaces'> = await session.api.call('GET /workspaces', {});
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
