import type { OperationPort } from '@holdfast/workflows/operation/ports';

/** The instants of a bring-up at which something else may come in between. */
export const instants = [
  'at once',
  ...(
    [
      'beginOperation',
      'beginCycle',
      'mintBox',
      'lookAtOperation',
      'finishOperation',
    ] as const satisfies (keyof OperationPort)[]
  ).flatMap((call) => [`before ${call}`, `after ${call}`] as const),
  'before start',
  'inside start',
] as const;
export type Instant = (typeof instants)[number];
