import { writeSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { createCipher } from '@holdfast/activities/secret/cipher';
import { openDatabase } from '@holdfast/prisma';
import { IMPATIENT_TASKS_MS, openClient } from '../compose.ts';
import { die } from '../faults.ts';
import type { GatewayAnswer, GatewayOrder, GatewaySettings } from './gateways.ts';
import { pokeAfter, refusalOf, takeIn } from './verbs.ts';

// As much of a gateway as takes requests in: the product's own intake, the answer behind the commit, the poke behind that.
const settings = JSON.parse(process.env['TEST_GATEWAY'] ?? '{}') as GatewaySettings;
const db = openDatabase(settings.databaseUrl, { connections: 6 });
const cipher = createCipher(settings.encryptionKey);
const { poker } = await openClient(settings.temporalAddress, db, settings.names, IMPATIENT_TASKS_MS);

/** Whole before anything else happens, so that a killed gateway has answered or has not. */
const answer = (line: GatewayAnswer): void => void writeSync(1, `${JSON.stringify(line)}\n`);

async function serve({ n, fate, ...request }: GatewayOrder): Promise<void> {
  try {
    const accepted = await db.$transaction((tx) => takeIn(tx, request, cipher));
    if (fate === 'diesUnanswered') await die();
    const { operations, workspaceId } = accepted;
    answer({ n, operations, ...(workspaceId ? { workspaceId } : {}) });
    if (fate === 'dies') await die();
    // A poke that fails is the dispatcher's: that is the claim.
    if (fate !== 'dropsPoke') await pokeAfter(poker, accepted).catch(() => undefined);
  } catch (error) {
    const refused = refusalOf(error);
    answer({ n, ...(refused ? { refused } : { trouble: `${request.verb}: ${String(error)}` }) });
  }
}

createInterface({ input: process.stdin }).on('line', (line) => void serve(JSON.parse(line) as GatewayOrder));
process.stdin.once('end', () => process.exit(0));
writeSync(1, 'ready\n');
