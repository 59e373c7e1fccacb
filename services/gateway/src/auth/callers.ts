import { Inject, Injectable } from '@nestjs/common';
import { lookupOrgToken, lookupWorkspaceToken } from '@holdfast/activities/token/token-lookup';
import type { Database } from '@holdfast/prisma';
import { DATABASE } from '../core/parts.ts';
import { AdminCredential } from './admin-credential.ts';
import { secretHash } from './bearer.ts';
import { type Caller, anonymous } from './caller.ts';
import { Sessions } from './session.ts';
import { TokenCache } from './token-cache.ts';

/** Finds out who a credential belongs to. */
@Injectable()
export class Callers {
  constructor(
    @Inject(DATABASE) private readonly db: Database,
    private readonly admin: AdminCredential,
    private readonly sessions: Sessions,
    private readonly cache: TokenCache,
  ) {}

  /**
   * Whose bearer it is; anonymous when it is nobody's, and no telling why.
   * @throws when the database cannot be asked: an outage is not an invalid credential
   */
  async ofBearer(bearer: string | null): Promise<Caller> {
    if (bearer === null) return anonymous;
    if (await this.admin.matches(bearer)) return { kind: 'admin' };
    const hash = secretHash(bearer).toString('base64');
    return this.cache.find(hash) ?? this.cache.remember(hash, () => this.lookUp(bearer));
  }

  /** Whose session it is; a cookie that proves nothing is nobody's. */
  async ofCookie(cookie: string | undefined): Promise<Caller> {
    const userId = await this.sessions.userOf(cookie);
    return userId === null ? anonymous : { kind: 'session', userId };
  }

  private async lookUp(bearer: string): Promise<Caller> {
    const workspace = await lookupWorkspaceToken(this.db, bearer);
    if (workspace) return { kind: 'workspace', ...workspace };
    const org = await lookupOrgToken(this.db, bearer);
    return org ? { kind: 'org', ...org } : anonymous;
  }
}
