import { z } from 'zod';

export const CancelledOperation = z
  .object({
    status: z.enum(['cancelled', 'cancelling']).describe('cancelling: it ends as soon as its step lets go.'),
    operation_id: z.uuid(),
  })
  .meta({ id: 'CancelledOperation' });
export type CancelledOperation = z.output<typeof CancelledOperation>;

export const RetriedOperation = z
  .object({
    status: z.literal('accepted'),
    operation_id: z.uuid().describe('The new operation.'),
    retries: z.uuid().describe('The operation that is tried again.'),
  })
  .meta({ id: 'RetriedOperation' });
export type RetriedOperation = z.output<typeof RetriedOperation>;
