import { Inject, Injectable } from '@nestjs/common';
import { Refusal } from '@holdfast/activities/failure/refusal';
import { mayCommunicate } from '@holdfast/activities/workspace/hierarchy';
import type { Database } from '@holdfast/prisma';
import type { FastifyRequest } from 'fastify';
import type { GatewayConfig } from '../config.ts';
import { CONFIG, DATABASE } from '../core/parts.ts';
import { isUuid } from '../http/request-ids.ts';
import type { Tier } from '../policy/policy.ts';
import { bearerOf, isSecret, secretHash } from './bearer.ts';
import { type Caller, anonymous, isOperator } from './caller.ts';
import { Callers } from './callers.ts';
import { judge } from './judge.ts';

/** Applies a route's tier to a request. */
@Injectable()
export class Gate {
  private readonly metricsHash: Uint8Array | null;

  constructor(
    @Inject(CONFIG) config: GatewayConfig,
    @Inject(DATABASE) private readonly db: Database,
    private readonly callers: Callers,
  ) {
    this.metricsHash = config.METRICS_TOKEN === undefined ? null : secretHash(config.METRICS_TOKEN);
  }

  /**
   * Who calls, as far as the tier needs to know.
   * @throws when the database cannot be asked
   */
  async callerOf(tier: Tier, request: FastifyRequest): Promise<Caller> {
    if (tier === 'none') return anonymous;
    const bearer = bearerOf(request.headers.authorization);
    const caller = await this.callers.ofBearer(bearer);
    if (!acceptsSession(tier, bearer) || isOperator(caller) || !isOwnPage(request)) return caller;
    const session = await this.callers.ofCookie(request.headers.cookie);
    return session.kind === 'session' ? session : caller;
  }

  /** @throws Refusal UNAUTHORIZED with the contract's text */
  async admit(tier: Tier, caller: Caller, request: FastifyRequest): Promise<void> {
    const bearer = bearerOf(request.headers.authorization);
    if (tier === 'metrics' && bearer !== null && this.metricsHash && isSecret(bearer, this.metricsHash)) return;
    const { id } = request.params as { id?: string };
    const workspaceId = id?.toLowerCase() ?? null;
    const verdict = judge(tier, { caller, bearer: bearer !== null, workspaceId });
    if (verdict === 'pass') return;
    if (verdict !== 'askPeers') throw new Refusal('UNAUTHORIZED', verdict.refusal);
    const isPeer =
      caller.kind === 'workspace' &&
      isUuid(workspaceId ?? '') &&
      (await mayCommunicate(this.db, caller.workspaceId, workspaceId ?? ''));
    if (!isPeer) throw new Refusal('UNAUTHORIZED', 'invalid workspace auth token');
  }
}

/** A session opens what an operator may do; on workspace routes a bearer that is present decides alone. */
const acceptsSession = (tier: Tier, bearer: string | null): boolean =>
  tier === 'admin' ||
  tier === 'metrics' ||
  (bearer === null && (tier === 'workspace' || tier === 'peer' || tier === 'credential'));

/**
 * Whether a cookie may count: a page of another site can make a browser send it along. Reading is harmless, since
 * such a page never sees the answer; a change needs an Origin, which the CORS layer has judged already.
 */
const isOwnPage = ({ method, headers }: FastifyRequest): boolean =>
  method === 'GET' || headers.origin !== undefined || headers['sec-fetch-site'] === 'same-origin';
