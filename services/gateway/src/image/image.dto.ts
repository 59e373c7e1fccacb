import { z } from 'zod';
import { dryRunMember } from '../dry-run/dry-run.dto.ts';

/** The runtimes whose image the wire contract lets somebody name. */
export const refreshableRuntimes = [
  'claude-code',
  'langgraph',
  'crewai',
  'autogen',
  'deepagents',
  'hermes',
  'gemini-cli',
  'openclaw',
] as const;

export const RefreshQuery = z.object({
  runtime: z
    .string()
    .max(100, 'unknown runtime')
    .optional()
    .describe('Left out: the images of the runtimes that are listed here.'),
  recreate: z.string().optional().describe('Anything but true leaves the running boxes alone; true when left out.'),
  ...dryRunMember,
});
export type RefreshQuery = z.output<typeof RefreshQuery>;

export const RefreshedImages = z
  .object({
    pulled: z.array(z.string()).describe('Runtimes whose image was pulled on every host.'),
    failed: z.array(z.string()).describe('All others that were asked for; a host that is away has pulled none.'),
    recreated: z.array(z.string()).describe('Workspaces that are restarted, to come back with the new image.'),
  })
  .meta({ id: 'RefreshedImages' });
export type RefreshedImages = z.output<typeof RefreshedImages>;
