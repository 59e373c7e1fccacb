import { z } from 'zod';

const flag = (name: string) => z.enum(['true', 'false'], `${name} must be true or false`).optional();

export const SweepQuery = z.object({
  dry_run: flag('dry_run').describe('Only tells what it would do.'),
  force: flag('force').describe('Goes on although more than 40 % of the boxes of a host look orphaned.'),
});
export type SweepQuery = z.output<typeof SweepQuery>;

export const SweepReport = z
  .object({
    dry_run: z.boolean(),
    stopped: z.boolean().describe('On some host more than 40 % looked orphaned, so nothing was done there.'),
    hosts: z.array(
      z.object({
        host: z.string(),
        fleet: z.int().describe('Boxes that were found.'),
        orphans: z.int().describe('Those that nobody owns.'),
        done: z.int().describe('What was set right.'),
        stopped: z.boolean().describe('Too much looked orphaned on this host.'),
        why: z.array(z.string()).describe('What looked so.'),
        failed: z.array(z.string()).describe('Passes that ended early, with the reason.'),
        away: z.boolean().describe('No worker of this host took part.'),
      }),
    ),
    findings: z.array(
      z.object({
        host: z.string(),
        kind: z.string(),
        box_id: z.string().nullable(),
        workspace_id: z.string().nullable(),
        backend: z.string(),
        what: z.string(),
        action: z.string(),
        done: z.boolean(),
      }),
    ),
  })
  .meta({ id: 'SweepReport' });
export type SweepReport = z.output<typeof SweepReport>;
