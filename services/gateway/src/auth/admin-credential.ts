import { Inject, Injectable } from '@nestjs/common';
import { newToken } from '@holdfast/activities/token/tokens';
import type { Database } from '@holdfast/prisma';
import type { GatewayConfig } from '../config.ts';
import { CONFIG, DATABASE } from '../core/parts.ts';
import { isSecret, secretHash } from './bearer.ts';

const FACT = 'admin_token_hash';

/** The admin token: the configured one, or the one the first boot made, of which only the hash exists. */
@Injectable()
export class AdminCredential {
  private hash: Uint8Array | null;

  constructor(
    @Inject(CONFIG) config: GatewayConfig,
    @Inject(DATABASE) private readonly db: Database,
  ) {
    this.hash = config.ADMIN_TOKEN === undefined ? null : secretHash(config.ADMIN_TOKEN);
  }

  /** @throws when the hash is not known yet and the database cannot be asked */
  async matches(plain: string): Promise<boolean> {
    this.hash ??= await this.storedHash();
    return this.hash !== null && isSecret(plain, this.hash);
  }

  /**
   * Makes sure that an admin token exists.
   * @param announce called with the token, once in the life of the installation: by the gateway that made it
   */
  async ensure(announce: (plain: string) => void): Promise<void> {
    if (this.hash !== null) return;
    const plain = newToken();
    const hash = secretHash(plain);
    // Of gateways that boot at the same time, the one whose row is kept prints its token.
    const kept = await this.db.$executeRaw`
      INSERT INTO installation_facts (name, value) VALUES (${FACT}, ${Uint8Array.from(hash)}) ON CONFLICT (name) DO NOTHING`;
    if (kept > 0) announce(plain);
    this.hash = kept > 0 ? hash : await this.storedHash();
  }

  private async storedHash(): Promise<Uint8Array | null> {
    const fact = await this.db.installationFact.findUnique({ where: { name: FACT } });
    return fact?.value ?? null;
  }
}
