import type { Database, Tx } from '@holdfast/prisma';
import type { WorkspaceEvent } from '@holdfast/workflows/event/events';
import { recordEvents } from '../event/event-records.ts';
import type { Cipher } from '../secret/cipher.ts';
import { readOrHealInboundSecret } from '../token/inbound-secret.ts';
import { type Beat, type BeatEffect, beatEffect, beatEvents } from './beat.ts';
import { existing, lockBeatRows, writeBeatRows } from './beat-rows.ts';
import { noteFirstContact } from './box-contact.ts';

/** What became of a beat. */
export interface BeatOutcome {
  /** `held`: somebody holds the row, nothing was done. `none`: it has no effect. `gone`: there is no such row. */
  readonly effect: 'written' | 'none' | 'held' | 'gone';
  /** What the platform presents to this agent; null when it cannot be read or the beat has no effect. */
  readonly inboundSecret: string | null;
  /** Whether an operation may be waiting for this agent. */
  readonly poke: boolean;
}

export interface BeatParts {
  readonly db: Database;
  readonly cipher: Cipher;
  readonly onTrouble: (what: string, error: unknown) => void;
}

export interface WrittenBeats {
  /** In the order of the beats. */
  readonly outcomes: readonly BeatOutcome[];
  /** What is still to be broadcast: not part of the transaction, since no row depends on it. */
  readonly events: readonly WorkspaceEvent[];
}

const without = (effect: 'none' | 'held' | 'gone'): BeatOutcome => ({ effect, inboundSecret: null, poke: false });

/** Writes beats in one transaction; of one workspace there is at most one among them. */
export function writeBeats(parts: BeatParts, beats: readonly Beat[]): Promise<WrittenBeats> {
  return parts.db.$transaction(async (tx) => {
    const rows = new Map(
      (
        await lockBeatRows(
          tx,
          beats.map(({ workspaceId }) => workspaceId),
        )
      ).map((row) => [row.id, row]),
    );
    const missing = beats.map(({ workspaceId }) => workspaceId).filter((id) => !rows.has(id));
    const held = await existing(tx, missing);
    const effects = new Map<string, BeatEffect>();
    for (const beat of beats) {
      const row = rows.get(beat.workspaceId);
      const effect = row ? beatEffect(beat, row) : null;
      if (effect) effects.set(beat.workspaceId, effect);
    }
    await store(tx, [...effects.values()]);
    const outcomes: BeatOutcome[] = [];
    for (const { workspaceId } of beats) {
      const effect = effects.get(workspaceId);
      if (effect) outcomes.push(await written(tx, parts, effect));
      else outcomes.push(without(rows.has(workspaceId) ? 'none' : held.has(workspaceId) ? 'held' : 'gone'));
    }
    return { outcomes, events: [...effects.values()].flatMap(beatEvents) };
  });
}

async function store(tx: Tx, effects: readonly BeatEffect[]): Promise<void> {
  if (effects.length === 0) return;
  await writeBeatRows(tx, effects);
  const changes = effects.flatMap(({ beat, judgement }) => (judgement ? [{ beat, ...judgement }] : []));
  await recordEvents(
    tx,
    changes.map(({ beat, event }) => ({ workspaceId: beat.workspaceId, type: event.type, payload: event.payload })),
  );
  // An agent whose register was lost is found by its beats, so that its bring-up need not fail.
  const back = changes.filter(({ event }) => event.type === 'WORKSPACE_ONLINE');
  await noteFirstContact(
    tx,
    back.flatMap(({ beat }) => beat.agent.boxId ?? []),
  );
}

const written = async (tx: Tx, parts: BeatParts, { row, judgement }: BeatEffect): Promise<BeatOutcome> => ({
  effect: 'written',
  inboundSecret: await inboundSecret(tx, parts, row.id, row.platform_inbound_secret),
  poke: judgement !== null && row.operation_id !== null,
});

/** Left out when it cannot be read: the next beat tries again. */
async function inboundSecret(tx: Tx, parts: BeatParts, id: string, sealed: Uint8Array | null): Promise<string | null> {
  try {
    if (sealed) return parts.cipher.open(sealed);
    return (await readOrHealInboundSecret(tx, parts.cipher, id)).secret;
  } catch (error) {
    parts.onTrouble('an inbound secret could not be read', error);
    return null;
  }
}
