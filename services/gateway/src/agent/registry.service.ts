import { Inject, Injectable } from '@nestjs/common';
import { admit, type ShownCredential } from '@holdfast/activities/agent/admission';
import { isKnownState } from '@holdfast/activities/agent/beat-judgement';
import { BeatQueue } from '@holdfast/activities/agent/beat-queue';
import { updateCard } from '@holdfast/activities/agent/card';
import { registerAgent } from '@holdfast/activities/agent/register';
import { Refusal } from '@holdfast/activities/failure/refusal';
import type { Cipher } from '@holdfast/activities/secret/cipher';
import type { Database } from '@holdfast/prisma';
import type { FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import type { GatewayConfig } from '../config.ts';
import { AfterCommit } from '../core/after-commit.ts';
import { CIPHER, CONFIG, DATABASE, LOGGER } from '../core/parts.ts';
import type { Answer } from '../http/answer.ts';
import { Idempotency } from '../idempotency/idempotency.ts';
import {
  beatOf,
  type HeardHeartbeat,
  type Heartbeat,
  type RegisterAgent,
  type RegisteredAgent,
  type UpdateCard,
  type UpdatedCard,
} from './agent.dto.ts';
import { onceFor } from './once.ts';
import { shownBy } from './shown-credential.ts';
import { urlPolicyOf } from './url-policy.ts';

/** Words a runtime may use for its state that are remembered as already remarked on. */
const MOST_REMARKS = 100;

/** What agents tell the platform about themselves. */
@Injectable()
export class RegistryService {
  private readonly urls: ReturnType<typeof urlPolicyOf>;
  private readonly beats: BeatQueue;
  private readonly remarked = new Set<string>();

  constructor(
    @Inject(CONFIG) config: GatewayConfig,
    @Inject(DATABASE) private readonly db: Database,
    @Inject(CIPHER) private readonly cipher: Cipher,
    @Inject(LOGGER) private readonly logger: Logger,
    private readonly once: Idempotency,
    private readonly after: AfterCommit,
  ) {
    this.urls = urlPolicyOf(config);
    if (this.urls.mode.warning) logger.warn(this.urls.mode.warning);
    this.beats = new BeatQueue({ db, cipher, onTrouble: this.onTrouble });
  }

  async register(body: RegisterAgent, request: FastifyRequest): Promise<Answer<RegisteredAgent>> {
    const registration = {
      id: body.id,
      url: body.url ?? '',
      agentCard: body.agent_card,
      deliveryMode: body.delivery_mode || null,
      shown: shownBy(request, body.id),
    };
    const { transact, answer } = onceFor(this.once, request);
    const parts = { db: this.db, cipher: this.cipher, urls: this.urls, transact, onTrouble: this.onTrouble };
    const registered = await registerAgent(parts, registration);
    if (registered.poke) this.after.poke(body.id);
    return answer(registered.answer);
  }

  async beat(body: Heartbeat, request: FastifyRequest): Promise<HeardHeartbeat> {
    // A nonce is for the register alone: the token its answer carries would be lost.
    const shown = { ...shownBy(request, body.workspace_id), nonce: null };
    if (typeof shown.bearer !== 'object') return this.beatOfNobody(body.workspace_id, shown);
    this.remark(body.runtime_state ?? '');
    const outcome = await this.beats.submit(beatOf(body, shown.bearer.boxId));
    if (outcome.effect === 'gone') throw new Refusal('WORKSPACE_NOT_FOUND', 'workspace not found');
    if (outcome.poke) this.after.poke(body.workspace_id);
    return { status: 'ok', ...(outcome.inboundSecret ? { platform_inbound_secret: outcome.inboundSecret } : {}) };
  }

  async updateCard(body: UpdateCard, request: FastifyRequest): Promise<Answer<UpdatedCard>> {
    const update = {
      workspaceId: body.workspace_id,
      agentCard: body.agent_card,
      shown: shownBy(request, body.workspace_id),
    };
    const { transact, answer } = onceFor(this.once, request);
    await updateCard({ db: this.db, transact, onTrouble: this.onTrouble }, update);
    return answer({ status: 'updated' });
  }

  /** Refused, unless the workspace is removed: its agent is told nothing, and nothing happens. */
  private async beatOfNobody(workspaceId: string, shown: ShownCredential): Promise<HeardHeartbeat> {
    await admit(this.db, workspaceId, shown);
    return { status: 'ok' };
  }

  private remark(runtimeState: string): void {
    if (isKnownState(runtimeState) || this.remarked.has(runtimeState) || this.remarked.size >= MOST_REMARKS) return;
    this.remarked.add(runtimeState);
    this.logger.warn(
      { runtimeState: runtimeState.slice(0, 100) },
      'a runtime reports a state nobody knows; it counts as healthy',
    );
  }

  private readonly onTrouble = (what: string, error: unknown): void => this.logger.error({ err: error }, what);
}
