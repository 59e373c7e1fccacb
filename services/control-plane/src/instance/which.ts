import { z } from 'zod';
import { Refusal } from '../failure/refusal.ts';
import { read } from '../http/read.ts';
import { providerNames } from '../provider/port.ts';

const leftOut = (value: unknown) => (value === '' ? undefined : value);

const Which = z.object({
  instance_id: z.preprocess(leftOut, z.string().max(200).optional()),
  box_id: z.preprocess(
    leftOut,
    z
      .guid('must be a UUID')
      .transform((id) => id.toLowerCase())
      .optional(),
  ),
  provider: z.preprocess(leftOut, z.enum(providerNames).optional()),
  prune: z.stringbool('must be true or false').default(false),
});
/** Which instance of a workspace a caller means. */
export type Which = z.output<typeof Which>;

/** @throws Refusal INVALID_REQUEST */
export function readWhich(query: unknown): Which {
  const which = read(Which, query);
  if (which.instance_id !== undefined || which.box_id !== undefined) return which;
  throw new Refusal('INVALID_REQUEST', 'instance_id or box_id is required');
}

const Owner = z.object({ owner: z.preprocess(leftOut, z.string().max(200).optional()) });

/** @throws Refusal INVALID_REQUEST */
export const readOwner = (query: unknown): string | undefined => read(Owner, query).owner;
