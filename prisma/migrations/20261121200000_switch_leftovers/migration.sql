-- What Prisma's schema language cannot say.

-- Whoever cleans up after switches looks for a few rows among all the events.
CREATE INDEX "structure_events_switch_leftovers" ON "structure_events" ("created_at") WHERE "event_type" = 'workspace.provider.switch_stop_exhausted';
