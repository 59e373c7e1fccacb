export const instances = `
-- Every instance ever asked for, written before a cloud is.
CREATE TABLE control_plane.instances (
  org_id text NOT NULL,
  box_id uuid NOT NULL,
  workspace_id text NOT NULL,
  owner text NOT NULL,
  provider text NOT NULL CHECK (provider IN ('aws', 'gcp', 'hetzner')),
  runtime text NOT NULL,
  tier integer NOT NULL,
  machine jsonb NOT NULL,
  -- Keyed digest of all that was asked for: the same box id with something else is another box.
  request_digest bytea NOT NULL,
  state text NOT NULL DEFAULT 'creating' CHECK (state IN ('creating', 'running', 'terminating', 'gone')),
  instance_id text,
  private_ip text NOT NULL DEFAULT '',
  prune boolean NOT NULL DEFAULT false,
  -- A create that may still come out: attempts under way, none of which counts beyond the time.
  open_attempts integer NOT NULL DEFAULT 0,
  attempts_until timestamptz NOT NULL DEFAULT now(),
  -- Of the boot: the salt makes the nonce together with the key; only a digest of the nonce is kept.
  nonce_salt bytea NOT NULL,
  nonce_digest bytea NOT NULL,
  environment bytea,
  fetched_at timestamptz,
  -- Of the boot watcher.
  watch text NOT NULL DEFAULT 'booting' CHECK (watch IN ('booting', 'crashed', 'reported', 'unreported', 'over')),
  boot_ms integer NOT NULL,
  crash_error text,
  crash_log bytea,
  report_attempts integer NOT NULL DEFAULT 0,
  next_watch_at timestamptz NOT NULL DEFAULT now(),
  next_settle_at timestamptz NOT NULL DEFAULT now(),
  created_at timestamptz NOT NULL DEFAULT now(),
  started_at timestamptz,
  gone_at timestamptz,
  PRIMARY KEY (org_id, box_id)
);
CREATE UNIQUE INDEX instances_instance ON control_plane.instances (provider, instance_id) WHERE instance_id IS NOT NULL;
CREATE INDEX instances_workspace ON control_plane.instances (org_id, workspace_id);
CREATE INDEX instances_watched ON control_plane.instances (next_watch_at)
  WHERE state = 'running' AND watch IN ('booting', 'crashed');
CREATE INDEX instances_unsettled ON control_plane.instances (next_settle_at) WHERE state IN ('creating', 'terminating');
CREATE TABLE control_plane.loops (
  name text PRIMARY KEY,
  last_tick_at timestamptz NOT NULL
);
`;
