-- Every beat writes its workspace's row. Without an index on what it writes and with room left on the page, Postgres
-- rewrites the row in place and touches no index; the sweep that reads liveness_expires_at scans a small table instead.
DROP INDEX "workspaces_liveness";
ALTER TABLE "workspaces" SET (fillfactor = 60);
