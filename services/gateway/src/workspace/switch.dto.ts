import { cloudProviders } from '@holdfast/workflows/box/box';
import { z } from 'zod';

const UNSUPPORTED = `unsupported provider (want ${cloudProviders.join('|')})`;

const SwitchWishes = z
  .object({
    // One that is left out is as good as an empty one.
    provider: z
      .preprocess(
        (value) => value ?? '',
        z.string().trim().toLowerCase().min(1, 'provider is required').pipe(z.enum(cloudProviders, UNSUPPORTED)),
      )
      .describe('The cloud to move to.'),
    confirm_data_loss: z
      .boolean('invalid JSON body')
      .nullish()
      .describe('Agrees to lose what a persistent volume of the old cloud holds.'),
    migrate_data: z.boolean('invalid JSON body').nullish().describe('Taken and without effect.'),
  })
  .meta({ id: 'SwitchProvider' });

/** An empty body lacks a provider; it is no broken body. */
export const SwitchProvider = z.preprocess((body) => body ?? {}, SwitchWishes);
export type SwitchProvider = z.output<typeof SwitchProvider>;

export const SwitchedProvider = z
  .object({
    status: z.enum(['switching', 'noop']),
    workspace_id: z.uuid().optional(),
    from: z.string().optional(),
    to: z.string().optional(),
    operation_id: z.uuid().optional().describe('The operation that carries it out.'),
    provider: z.string().optional().describe('With noop: the cloud that it is on already.'),
    message: z.string().optional().describe('With noop: why nothing was done.'),
  })
  .meta({ id: 'SwitchedProvider' });
export type SwitchedProvider = z.output<typeof SwitchedProvider>;
