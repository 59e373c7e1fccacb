import type { BusEvent } from '@holdfast/activities/event/event-notice';

/** Chat between a person and an agent is nobody else's. */
const privateEvents: readonly string[] = ['AGENT_MESSAGE', 'A2A_RESPONSE'];
const privateMembers = ['request_body', 'response_body', 'tool_trace'] as const;

/** The text of a frame. */
export const frame = ({ event, workspace_id, timestamp, payload }: BusEvent): string =>
  JSON.stringify({ event, workspace_id, timestamp, payload });

/** What agents of other workspaces see of an event: no chat content; null is nothing at all. */
export function foreignFrame(event: BusEvent): string | null {
  if (privateEvents.includes(event.event)) return null;
  if (!privateMembers.some((member) => member in event.payload)) return frame(event);
  const payload = Object.fromEntries(
    Object.entries(event.payload).filter(([name]) => !privateMembers.includes(name as never)),
  );
  return frame({ ...event, payload });
}
