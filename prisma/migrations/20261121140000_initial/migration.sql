-- CreateSchema
CREATE SCHEMA IF NOT EXISTS "public";

-- CreateEnum
CREATE TYPE "workspace_status" AS ENUM ('provisioning', 'online', 'degraded', 'offline', 'failed', 'paused', 'hibernating', 'hibernated', 'awaiting_agent', 'removed');

-- CreateEnum
CREATE TYPE "operation_kind" AS ENUM ('provision', 'restart', 'pause', 'resume', 'hibernate', 'wake', 'switch', 'delete');

-- CreateEnum
CREATE TYPE "operation_state" AS ENUM ('accepted', 'running', 'succeeded', 'failed', 'compensated', 'superseded', 'coalesced', 'cancelled');

-- CreateEnum
CREATE TYPE "box_state" AS ENUM ('creating', 'running', 'stopping', 'gone', 'owed');

-- CreateEnum
CREATE TYPE "delivery_mode" AS ENUM ('push', 'poll');

-- CreateEnum
CREATE TYPE "workspace_access" AS ENUM ('none', 'read_only', 'read_write');

-- CreateEnum
CREATE TYPE "token_purpose" AS ENUM ('agent', 'user');

-- CreateTable
CREATE TABLE "workspaces" (
    "id" UUID NOT NULL,
    "org_id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "role" TEXT,
    "tier" INTEGER NOT NULL DEFAULT 1,
    "status" "workspace_status" NOT NULL DEFAULT 'provisioning',
    "source_bundle_id" TEXT,
    "agent_card" JSONB,
    "url" TEXT,
    "internal_url" TEXT,
    "parent_id" UUID,
    "forwarded_to" UUID,
    "last_heartbeat_at" TIMESTAMPTZ,
    "liveness_expires_at" TIMESTAMPTZ,
    "last_error_rate" DOUBLE PRECISION NOT NULL DEFAULT 0,
    "last_sample_error" TEXT,
    "active_tasks" INTEGER NOT NULL DEFAULT 0,
    "uptime_seconds" INTEGER NOT NULL DEFAULT 0,
    "current_task" TEXT NOT NULL DEFAULT '',
    "awareness_namespace" TEXT,
    "runtime" TEXT NOT NULL,
    "template" TEXT,
    "model" TEXT,
    "workspace_dir" TEXT,
    "workspace_access" "workspace_access" NOT NULL DEFAULT 'none',
    "budget_limit" BIGINT,
    "monthly_spend" BIGINT NOT NULL DEFAULT 0,
    "hibernation_idle_minutes" INTEGER,
    "idle_since" TIMESTAMPTZ,
    "last_outbound_at" TIMESTAMPTZ,
    "max_concurrent_tasks" INTEGER NOT NULL DEFAULT 1,
    "instance_id" TEXT,
    "platform_inbound_secret" BYTEA,
    "delivery_mode" "delivery_mode" NOT NULL DEFAULT 'push',
    "compute" JSONB,
    "runtime_metadata" JSONB,
    "runtime_metadata_at" TIMESTAMPTZ,
    "operation_id" UUID,
    "box_id" UUID,
    "box_operation_id" UUID,
    "backend" TEXT,
    "host" TEXT,
    "event_seq" BIGINT NOT NULL DEFAULT 0,
    "removed_at" TIMESTAMPTZ,
    "created_at" TIMESTAMPTZ NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "workspaces_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "operations" (
    "id" UUID NOT NULL,
    "seq" BIGSERIAL NOT NULL,
    "org_id" TEXT NOT NULL,
    "workspace_id" UUID NOT NULL,
    "kind" "operation_kind" NOT NULL,
    "state" "operation_state" NOT NULL DEFAULT 'accepted',
    "parent_id" UUID,
    "actor" TEXT NOT NULL,
    "reason" TEXT,
    "request" JSONB NOT NULL DEFAULT '{}',
    "prior_status" "workspace_status",
    "prior_provider" TEXT,
    "prior_box_id" UUID,
    "run_id" TEXT,
    "cycle" INTEGER NOT NULL DEFAULT 0,
    "phase" TEXT,
    "failure_code" TEXT,
    "failure_text" TEXT,
    "outcome" JSONB,
    "superseded_by" UUID,
    "coalesced_into" UUID,
    "coalesced_cycle" INTEGER,
    "accepted_at" TIMESTAMPTZ NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "began_at" TIMESTAMPTZ,
    "deadline_at" TIMESTAMPTZ,
    "ended_at" TIMESTAMPTZ,
    "next_poke_at" TIMESTAMPTZ,
    "pokes" INTEGER NOT NULL DEFAULT 0,

    CONSTRAINT "operations_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "operation_steps" (
    "operation_id" UUID NOT NULL,
    "seq" INTEGER NOT NULL,
    "step" TEXT NOT NULL,
    "cycle" INTEGER NOT NULL DEFAULT 0,
    "state" TEXT NOT NULL,
    "detail" TEXT,
    "at" TIMESTAMPTZ NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "operation_steps_pkey" PRIMARY KEY ("operation_id","seq")
);

-- CreateTable
CREATE TABLE "boxes" (
    "id" UUID NOT NULL,
    "workspace_id" UUID NOT NULL,
    "operation_id" UUID NOT NULL,
    "cycle" INTEGER NOT NULL,
    "owner" TEXT NOT NULL,
    "host" TEXT NOT NULL,
    "backend" TEXT NOT NULL,
    "provider" TEXT,
    "external_id" TEXT,
    "url" TEXT,
    "state" "box_state" NOT NULL DEFAULT 'creating',
    "owed_reason" TEXT,
    "sealed_credentials" BYTEA,
    "nonce_hash" BYTEA,
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "next_attempt_at" TIMESTAMPTZ,
    "created_at" TIMESTAMPTZ NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "started_at" TIMESTAMPTZ,
    "registered_at" TIMESTAMPTZ,
    "stopping_at" TIMESTAMPTZ,
    "gone_at" TIMESTAMPTZ,

    CONSTRAINT "boxes_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "backends" (
    "host" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "seen_at" TIMESTAMPTZ NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "detail" JSONB,

    CONSTRAINT "backends_pkey" PRIMARY KEY ("host","kind")
);

-- CreateTable
CREATE TABLE "loops" (
    "name" TEXT NOT NULL,
    "period_ms" INTEGER NOT NULL,
    "last_tick_at" TIMESTAMPTZ NOT NULL,
    "detail" JSONB,

    CONSTRAINT "loops_pkey" PRIMARY KEY ("name")
);

-- CreateTable
CREATE TABLE "idempotency_keys" (
    "scope" BYTEA NOT NULL,
    "request_hash" BYTEA NOT NULL,
    "status" INTEGER,
    "sealed_body" BYTEA,
    "operation_id" UUID,
    "created_at" TIMESTAMPTZ NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "idempotency_keys_pkey" PRIMARY KEY ("scope")
);

-- CreateTable
CREATE TABLE "structure_events" (
    "id" UUID NOT NULL,
    "event_type" TEXT NOT NULL,
    "workspace_id" UUID,
    "agent_id" UUID,
    "target_id" UUID,
    "payload" JSONB NOT NULL DEFAULT '{}',
    "seq" BIGINT,
    "created_at" TIMESTAMPTZ NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "structure_events_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "workspace_auth_tokens" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "workspace_id" UUID NOT NULL,
    "token_hash" BYTEA NOT NULL,
    "prefix" TEXT NOT NULL,
    "purpose" "token_purpose" NOT NULL DEFAULT 'agent',
    "box_id" UUID,
    "created_at" TIMESTAMPTZ NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "last_used_at" TIMESTAMPTZ,
    "revoked_at" TIMESTAMPTZ,

    CONSTRAINT "workspace_auth_tokens_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "org_api_tokens" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "token_hash" BYTEA NOT NULL,
    "prefix" TEXT NOT NULL,
    "name" TEXT,
    "created_by" TEXT,
    "org_id" TEXT,
    "expires_at" TIMESTAMPTZ,
    "created_at" TIMESTAMPTZ NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "last_used_at" TIMESTAMPTZ,
    "revoked_at" TIMESTAMPTZ,

    CONSTRAINT "org_api_tokens_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "workspace_secrets" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "workspace_id" UUID NOT NULL,
    "key" TEXT NOT NULL,
    "encrypted_value" BYTEA NOT NULL,
    "encryption_version" INTEGER NOT NULL DEFAULT 0,
    "created_at" TIMESTAMPTZ NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "workspace_secrets_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "global_secrets" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "key" TEXT NOT NULL,
    "encrypted_value" BYTEA NOT NULL,
    "encryption_version" INTEGER NOT NULL DEFAULT 0,
    "created_at" TIMESTAMPTZ NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "global_secrets_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "canvas_layouts" (
    "workspace_id" UUID NOT NULL,
    "x" DOUBLE PRECISION NOT NULL DEFAULT 0,
    "y" DOUBLE PRECISION NOT NULL DEFAULT 0,
    "collapsed" BOOLEAN NOT NULL DEFAULT false,

    CONSTRAINT "canvas_layouts_pkey" PRIMARY KEY ("workspace_id")
);

-- CreateTable
CREATE TABLE "workspace_config" (
    "workspace_id" UUID NOT NULL,
    "data" JSONB NOT NULL DEFAULT '{}',

    CONSTRAINT "workspace_config_pkey" PRIMARY KEY ("workspace_id")
);

-- CreateTable
CREATE TABLE "agent_memories" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "workspace_id" UUID NOT NULL,
    "scope" TEXT NOT NULL,
    "content" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "agent_memories_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "installation_facts" (
    "name" TEXT NOT NULL,
    "value" BYTEA NOT NULL,
    "at" TIMESTAMPTZ NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "installation_facts_pkey" PRIMARY KEY ("name")
);

-- CreateIndex
CREATE INDEX "workspaces_parent_id_idx" ON "workspaces"("parent_id");

-- CreateIndex
CREATE INDEX "workspaces_status_idx" ON "workspaces"("status");

-- CreateIndex
CREATE INDEX "workspaces_created_at_idx" ON "workspaces"("created_at");

-- CreateIndex
CREATE UNIQUE INDEX "operations_seq_key" ON "operations"("seq");

-- CreateIndex
CREATE UNIQUE INDEX "operations_run_id_key" ON "operations"("run_id");

-- CreateIndex
CREATE INDEX "operations_workspace_id_seq_idx" ON "operations"("workspace_id", "seq");

-- CreateIndex
CREATE INDEX "operations_parent_id_idx" ON "operations"("parent_id");

-- CreateIndex
CREATE UNIQUE INDEX "operation_steps_operation_id_cycle_step_state_key" ON "operation_steps"("operation_id", "cycle", "step", "state");

-- CreateIndex
CREATE INDEX "boxes_workspace_id_created_at_idx" ON "boxes"("workspace_id", "created_at");

-- CreateIndex
CREATE INDEX "boxes_operation_id_cycle_idx" ON "boxes"("operation_id", "cycle");

-- CreateIndex
CREATE INDEX "idempotency_keys_created_at_idx" ON "idempotency_keys"("created_at");

-- CreateIndex
CREATE INDEX "structure_events_workspace_id_created_at_idx" ON "structure_events"("workspace_id", "created_at");

-- CreateIndex
CREATE INDEX "structure_events_created_at_idx" ON "structure_events"("created_at");

-- CreateIndex
CREATE UNIQUE INDEX "workspace_auth_tokens_token_hash_key" ON "workspace_auth_tokens"("token_hash");

-- CreateIndex
CREATE UNIQUE INDEX "org_api_tokens_token_hash_key" ON "org_api_tokens"("token_hash");

-- CreateIndex
CREATE UNIQUE INDEX "workspace_secrets_workspace_id_key_key" ON "workspace_secrets"("workspace_id", "key");

-- CreateIndex
CREATE UNIQUE INDEX "global_secrets_key_key" ON "global_secrets"("key");

-- CreateIndex
CREATE INDEX "agent_memories_workspace_id_idx" ON "agent_memories"("workspace_id");

-- What Prisma's schema language cannot say.

-- One operation of a workspace runs at a time.
CREATE UNIQUE INDEX "operations_one_running" ON "operations" ("workspace_id") WHERE "state" = 'running';
CREATE INDEX "operations_accepted" ON "operations" ("next_poke_at") WHERE "state" = 'accepted';
CREATE INDEX "operations_open" ON "operations" ("workspace_id", "seq") WHERE "state" IN ('accepted', 'running');

-- One box of a workspace may be coming up or up.
CREATE UNIQUE INDEX "boxes_one_current" ON "boxes" ("workspace_id") WHERE "state" IN ('creating', 'running');
CREATE INDEX "boxes_not_gone" ON "boxes" ("workspace_id") WHERE "state" <> 'gone';
CREATE INDEX "boxes_owed" ON "boxes" ("host", "next_attempt_at") WHERE "state" = 'owed';

CREATE UNIQUE INDEX "structure_events_in_order" ON "structure_events" ("workspace_id", "seq") WHERE "seq" IS NOT NULL;

CREATE INDEX "workspaces_hibernation" ON "workspaces" ("hibernation_idle_minutes") WHERE "hibernation_idle_minutes" IS NOT NULL;
CREATE INDEX "workspaces_instance" ON "workspaces" ("instance_id") WHERE "instance_id" IS NOT NULL;
CREATE INDEX "workspaces_liveness" ON "workspaces" ("liveness_expires_at") WHERE "liveness_expires_at" IS NOT NULL;
CREATE INDEX "workspace_auth_tokens_live" ON "workspace_auth_tokens" ("workspace_id") WHERE "revoked_at" IS NULL;
CREATE INDEX "org_api_tokens_live" ON "org_api_tokens" ("token_hash") WHERE "revoked_at" IS NULL;
CREATE INDEX "org_api_tokens_org" ON "org_api_tokens" ("org_id") WHERE "org_id" IS NOT NULL;

-- Purge deletes these by hand where the wire contract says so; a row never points at a workspace that is not there.
ALTER TABLE "workspaces" ADD CONSTRAINT "workspaces_parent_fkey" FOREIGN KEY ("parent_id") REFERENCES "workspaces" ("id");
ALTER TABLE "workspaces" ADD CONSTRAINT "workspaces_forwarded_fkey" FOREIGN KEY ("forwarded_to") REFERENCES "workspaces" ("id");
ALTER TABLE "workspace_auth_tokens" ADD CONSTRAINT "workspace_auth_tokens_workspace_fkey" FOREIGN KEY ("workspace_id") REFERENCES "workspaces" ("id") ON DELETE CASCADE;
ALTER TABLE "workspace_secrets" ADD CONSTRAINT "workspace_secrets_workspace_fkey" FOREIGN KEY ("workspace_id") REFERENCES "workspaces" ("id");
ALTER TABLE "canvas_layouts" ADD CONSTRAINT "canvas_layouts_workspace_fkey" FOREIGN KEY ("workspace_id") REFERENCES "workspaces" ("id") ON DELETE CASCADE;
ALTER TABLE "workspaces" ADD CONSTRAINT "workspaces_box_whole" CHECK (("box_id" IS NULL) = ("box_operation_id" IS NULL));
