-- AlterTable
ALTER TABLE "boxes" ADD COLUMN     "internal_url" TEXT;

-- AlterTable
ALTER TABLE "operations" ADD COLUMN     "cancel_requested_at" TIMESTAMPTZ,
ADD COLUMN     "cancelled_by" TEXT,
ADD COLUMN     "cycle_request" JSONB NOT NULL DEFAULT '{}',
ADD COLUMN     "restart_context" JSONB,
ADD COLUMN     "tree_root" UUID;

-- What Prisma's schema language cannot say.

-- A tree is looked at while any of its operations is open.
CREATE INDEX "operations_open_trees" ON "operations" ("tree_root") WHERE "tree_root" IS NOT NULL AND "state" IN ('accepted', 'running');
-- Loops look for what has expired, and for those of a host.
CREATE INDEX "workspaces_idle" ON "workspaces" ("idle_since") WHERE "hibernation_idle_minutes" IS NOT NULL;

-- The number of the last line of an operation's progress, so that a line is one statement: its writer holds the row.
ALTER TABLE "operations" ADD COLUMN     "step_seq" INTEGER NOT NULL DEFAULT 0;
UPDATE "operations" o SET "step_seq" = s."last"
FROM (SELECT "operation_id", max("seq") AS "last" FROM "operation_steps" GROUP BY "operation_id") s
WHERE s."operation_id" = o."id";
