import { z } from 'zod';

export const EventsView = z
  .array(
    z.object({
      id: z.uuid(),
      event_type: z.string(),
      workspace_id: z.uuid().nullable(),
      payload: z.unknown(),
      created_at: z.string(),
    }),
  )
  .meta({ id: 'Events' });
export type EventsView = z.output<typeof EventsView>;
