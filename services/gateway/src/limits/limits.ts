import { Inject, Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { type Caller, credentialOf } from '../auth/caller.ts';
import type { GatewayConfig } from '../config.ts';
import { CONFIG } from '../core/parts.ts';
import type { RateClass } from '../policy/policy.ts';
import { RateLimiter, limitHeaders, rateLimited } from './rate-limiter.ts';

const MINUTE_MS = 60_000;
const ORG_MINTS_AN_HOUR = 10;

/** The limits of this process. Addresses without a valid credential are counted by address, so guessing is limited too. */
@Injectable()
export class Limits {
  private readonly standard: RateLimiter;
  private readonly orgMint = new RateLimiter(ORG_MINTS_AN_HOUR, 60 * MINUTE_MS);

  constructor(@Inject(CONFIG) config: GatewayConfig) {
    this.standard = new RateLimiter(config.RATE_LIMIT, MINUTE_MS);
  }

  /**
   * Counts a request and writes what is left of its limit onto the answer.
   * @throws Refusal RATE_LIMITED
   */
  count(caller: Caller, request: FastifyRequest, reply: FastifyReply): void {
    this.apply(this.standard, credentialOf(caller) ?? `address:${request.ip}`, reply);
  }

  /** Counts against the limit of the route's own class, after its caller was admitted. */
  countClass(rate: RateClass, request: FastifyRequest, reply: FastifyReply): void {
    if (rate === 'org-mint') this.apply(this.orgMint, request.ip, reply);
  }

  private apply(limiter: RateLimiter, key: string, reply: FastifyReply): void {
    const allowance = limiter.hit(key);
    reply.headers(limitHeaders(allowance));
    if (allowance.exceeded) throw rateLimited(allowance);
  }
}
