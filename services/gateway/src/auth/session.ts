import { createHash } from 'node:crypto';
import { Inject, Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { z } from 'zod';
import type { GatewayConfig } from '../config.ts';
import { CONFIG } from '../core/parts.ts';
import { SessionVerdicts, type Verdict } from './session-verdicts.ts';

const ANSWER_MS = 3_000;
const SWEEP_MS = 120_000;

const Membership = z.object({ member: z.literal(true), user_id: z.string().min(1) });

/** Canvas sessions: the control plane says whose cookie it is. Off unless both its address and the org are configured. */
@Injectable()
export class Sessions implements OnModuleInit, OnApplicationShutdown {
  private readonly verdicts = new SessionVerdicts();
  private sweep: NodeJS.Timeout | undefined;

  constructor(@Inject(CONFIG) private readonly config: GatewayConfig) {}

  /** From an instant of its own on: gateways that were started together need not all be busy together. */
  onModuleInit(): void {
    this.sweep = setTimeout(() => {
      this.verdicts.dropExpired();
      this.sweep = setInterval(() => this.verdicts.dropExpired(), SWEEP_MS).unref();
    }, Math.random() * SWEEP_MS).unref();
  }

  onApplicationShutdown(): void {
    clearTimeout(this.sweep);
  }

  /** The user of the session, or null: no cookie, no member, or the control plane does not answer. */
  async userOf(cookie: string | undefined): Promise<Verdict> {
    const { CP_UPSTREAM_URL: upstream, MOLECULE_ORG_SLUG: slug } = this.config;
    if (!cookie || !upstream || !slug) return null;
    const key = createHash('sha256').update(`${slug}\0${cookie}`).digest('hex');
    const known = this.verdicts.find(key);
    if (known !== undefined) return known;
    const verdict = await this.ask(`${upstream}/cp/auth/tenant-member?slug=${encodeURIComponent(slug)}`, cookie);
    // Not knowing is no verdict: it is not kept.
    if (verdict === undefined) return null;
    this.verdicts.keep(key, verdict);
    return verdict;
  }

  private async ask(url: string, cookie: string): Promise<Verdict | undefined> {
    try {
      const answer = await fetch(url, {
        headers: { cookie, 'user-agent': 'molecule-tenant-platform/session-verifier' },
        redirect: 'error',
        signal: AbortSignal.timeout(ANSWER_MS),
      });
      if (answer.status !== 200) return answer.status >= 500 ? undefined : null;
      const membership = Membership.safeParse(await answer.json());
      return membership.success ? membership.data.user_id : null;
    } catch {
      return undefined;
    }
  }
}
