import { Inject, Injectable } from '@nestjs/common';
import { Refusal } from '@holdfast/activities/failure/refusal';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { type Caller, anonymous } from '../auth/caller.ts';
import { Gate } from '../auth/gate.ts';
import type { GatewayConfig } from '../config.ts';
import { CONFIG } from '../core/parts.ts';
import { Limits } from '../limits/limits.ts';
import type { Tier } from '../policy/policy.ts';
import { policyOf } from '../policy/policy-rows.ts';
import { corsHeaders, judgeOrigin, preflightHeaders } from './cors.ts';
import { checkIds } from './request-ids.ts';
import { securityHeaders } from './security-headers.ts';
import { isForTenant } from './tenant.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Who the credential of this request belongs to. Proven: a header alone never makes a caller. */
    caller: Caller;
  }
}

/** What every request passes, in this order, before its body is read. */
@Injectable()
export class Entry {
  constructor(
    @Inject(CONFIG) private readonly config: GatewayConfig,
    private readonly gate: Gate,
    private readonly limits: Limits,
  ) {}

  /**
   * @returns false when the request has its answer already
   * @throws Refusal with the answer
   */
  async pass(request: FastifyRequest, reply: FastifyReply): Promise<boolean> {
    request.caller = anonymous;
    const path = request.url.split('?', 1)[0] ?? '';
    reply.headers({ ...securityHeaders(path), 'x-request-id': request.id });
    if (this.answersCors(request, reply)) return false;
    const { tier, rate } = policyOf(request);
    const known = await this.identify(tier, request);
    request.caller = known.caller;
    this.limits.count(known.caller, request, reply);
    if (!isForTenant(this.config.MOLECULE_ORG_ID, path, request.headers)) {
      void reply.code(404).send();
      return false;
    }
    if (request.is404) return true;
    if (endsEmpty(path, request)) {
      reply.callNotFound();
      return false;
    }
    if ('trouble' in known) throw known.trouble;
    await this.gate.admit(tier, known.caller, request);
    this.limits.countClass(rate, request, reply);
    if (request.url.includes('%00')) throw new Refusal('INVALID_REQUEST', 'invalid request');
    refuseDryRun(request);
    checkIds(request.routeOptions.url, request.params as Record<string, string>);
    return true;
  }

  /** An outage is held back until the request has been counted. */
  private async identify(tier: Tier, request: FastifyRequest): Promise<{ caller: Caller; trouble?: unknown }> {
    try {
      return { caller: await this.gate.callerOf(tier, request) };
    } catch (trouble) {
      return { caller: anonymous, trouble };
    }
  }

  private answersCors(request: FastifyRequest, reply: FastifyReply): boolean {
    const verdict = judgeOrigin(request.headers.origin, request.headers.host, this.config.CORS_ORIGINS);
    if (verdict === 'notCors') return false;
    if (verdict === 'refused') {
      void reply.code(403).send();
      return true;
    }
    const isPreflight = request.method === 'OPTIONS';
    reply.headers(isPreflight ? preflightHeaders(verdict.allowed) : corsHeaders(verdict.allowed));
    if (isPreflight) void reply.code(204).send();
    return isPreflight;
  }
}

/** `/workspaces/` is no workspace without an id, but `/workspaces` with a slash too many. */
const endsEmpty = (path: string, request: FastifyRequest): boolean =>
  path.endsWith('/') && Object.values(request.params as Record<string, string>).includes('');

function refuseDryRun(request: FastifyRequest): void {
  if (request.method === 'GET' || policyOf(request).dryRun || !Object.hasOwn(Object(request.query), 'dry_run')) return;
  throw new Refusal('INVALID_REQUEST', 'this route has no dry run; nothing was done');
}
