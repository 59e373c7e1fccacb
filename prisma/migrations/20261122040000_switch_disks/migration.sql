-- What Prisma's schema language cannot say.

-- Whoever cleans up after switches looks for a few of them among all operations.
CREATE INDEX "operations_switches" ON "operations" ("ended_at") WHERE "kind" = 'switch';
