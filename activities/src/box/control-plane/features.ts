import type { ControlPlane } from '../../control-plane/control-plane.ts';
import { Capabilities } from '../../control-plane/wire.ts';
import { BackendError } from '../backend-error.ts';
import { problemOf } from './problem.ts';

/** What a control plane has that the wire contract does not ask of it. */
export interface Features {
  /** Boxes are found by our own id, and made once however often they are asked for. */
  readonly boxId: boolean;
  readonly listByOwner: boolean;
  /** It says whether a cloud has what a box asks for, before anything is made. */
  readonly check: boolean;
}

const none: Features = { boxId: false, listByOwner: false, check: false };

/** Long enough to cost nothing, short enough that an upgrade is noticed, in milliseconds. */
const KNOWN_MS = 60_000;

/** @returns asks a control plane once a minute what it can do; `fresh` asks it now */
export function featuresOf(controlPlane: ControlPlane): (how?: { fresh: boolean }) => Promise<Features> {
  let known: { features: Features; until: number } | null = null;
  return async ({ fresh } = { fresh: false }) => {
    if (known && !fresh && known.until > Date.now()) return known.features;
    const answer = await controlPlane.ask({ method: 'GET', path: '/cp/capabilities' }).catch((cause: unknown) => {
      // Nothing was asked for yet: unlike a lost answer to a create, this leaves nothing open.
      throw new BackendError('failed', String(cause), cause);
    });
    const read = Capabilities.safeParse(answer.body);
    const isOlder = answer.status === 404 || answer.status === 405 || answer.status === 501;
    if (!isOlder && (answer.status !== 200 || !read.success)) throw problemOf('capabilities', answer, 'failed');
    const features = isOlder || !read.success ? none : from(read.data.features);
    known = { features, until: Date.now() + KNOWN_MS };
    return features;
  };
}

const from = (names: readonly string[]): Features => ({
  boxId: names.includes('box_id'),
  listByOwner: names.includes('list_by_owner'),
  check: names.includes('check'),
});
