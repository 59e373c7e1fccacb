import { z } from 'zod';

/** The body of every failure. */
export const ProblemView = z.looseObject({
  error: z.string().describe('One sentence for people.'),
  type: z.string().describe('A stable URN of the kind of failure.'),
  title: z.string(),
  status: z
    .union([z.int(), z.string()])
    .describe('The HTTP status, unless the route gives the member a meaning of its own.'),
  code: z.string().describe('Stable code of the failure; see docs/errors.md.'),
  next_step: z.string().describe('What to do now.'),
  request_id: z.string().describe('Finds the request in the logs of the platform.'),
  operation_id: z.uuid().optional().describe('The operation the failure is about.'),
});
