import { z } from 'zod';

export const SetModel = z
  .object({ model: z.string().describe('As the runtime writes its models. Empty goes back to the runtime’s default.') })
  .meta({ id: 'SetModel' });
export type SetModel = z.output<typeof SetModel>;

export const ModelView = z
  .object({ model: z.string(), source: z.enum(['default', 'workspace_secrets']) })
  .meta({ id: 'Model' });
export type ModelView = z.output<typeof ModelView>;

export const ModelSet = z
  .object({
    status: z.enum(['saved', 'cleared']),
    model: z.string().optional(),
    operation_id: z.uuid().optional().describe('The restart that brings it to the agent.'),
  })
  .meta({ id: 'ModelSet' });
export type ModelSet = z.output<typeof ModelSet>;
