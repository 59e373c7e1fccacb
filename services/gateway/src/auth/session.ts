import { createHash } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { z } from 'zod';
import type { GatewayConfig } from '../config.ts';
import { CONFIG } from '../core/parts.ts';

const ANSWER_MS = 3_000;
const VALID_MS = 30_000;
const INVALID_MS = 5_000;
const MOST = 10_000;

const Membership = z.object({ member: z.literal(true), user_id: z.string().min(1) });

/** Canvas sessions: the control plane says whose cookie it is. Off unless both its address and the org are configured. */
@Injectable()
export class Sessions {
  private readonly verdicts = new Map<string, { userId: string | null; until: number }>();

  constructor(@Inject(CONFIG) private readonly config: GatewayConfig) {}

  /** The user of the session, or null: no cookie, no member, or the control plane does not answer. */
  async userOf(cookie: string | undefined): Promise<string | null> {
    const { CP_UPSTREAM_URL: upstream, MOLECULE_ORG_SLUG: slug } = this.config;
    if (!cookie || !upstream || !slug) return null;
    const key = createHash('sha256').update(`${slug}\0${cookie}`).digest('hex');
    const known = this.verdicts.get(key);
    if (known && known.until > Date.now()) return known.userId;
    const verdict = await this.ask(`${upstream}/cp/auth/tenant-member?slug=${encodeURIComponent(slug)}`, cookie);
    // Not knowing is no verdict: it is not kept.
    if (verdict === undefined) return null;
    if (this.verdicts.size >= MOST) this.verdicts.clear();
    this.verdicts.set(key, { userId: verdict, until: Date.now() + (verdict ? VALID_MS : INVALID_MS) });
    return verdict;
  }

  private async ask(url: string, cookie: string): Promise<string | null | undefined> {
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
