import { z } from 'zod';

export const ReportBootstrapFailure = z
  .object({
    error: z.string().nullish(),
    log_tail: z.string().nullish().describe('The last lines of the console; kept are 8192 bytes.'),
    box_id: z
      .guid('invalid request body')
      .nullish()
      .describe('The box that failed; a report of an older one counts for nothing.'),
  })
  .meta({ id: 'ReportBootstrapFailure' });
export type ReportBootstrapFailure = z.output<typeof ReportBootstrapFailure>;

export const BootstrapFailureReported = z
  .object({ ok: z.literal(true), no_change: z.literal(true).optional().describe('The report changed nothing.') })
  .meta({ id: 'BootstrapFailureReported' });
export type BootstrapFailureReported = z.output<typeof BootstrapFailureReported>;
