import { randomBytes } from 'node:crypto';
import { createCipher } from '@holdfast/activities/secret/cipher';
import { openDatabase } from '@holdfast/prisma';
import { createGateway } from '../app.ts';
import { readConfig } from '../config.ts';
import { createLogger } from '../core/logger.ts';
import { buildDocument } from './document.ts';

const LOOKS_NOWHERE = 'postgresql://nobody@127.0.0.1:1/nothing';

/** The document as it is committed in `docs/openapi.json`, from a gateway that is built but never started. */
export async function documentText(): Promise<string> {
  const key = randomBytes(32).toString('base64');
  const config = readConfig({ DATABASE_URL: LOOKS_NOWHERE, SECRETS_ENCRYPTION_KEY: key, ADMIN_TOKEN: 'unused' });
  const { app } = await createGateway(config, {
    database: openDatabase(LOOKS_NOWHERE, { connections: 1 }),
    cipher: createCipher(key),
    logger: createLogger('silent'),
    poker: { poke: () => Promise.resolve(), pokeTree: () => Promise.resolve() },
    loops: { run: () => Promise.resolve() },
    pingTemporal: () => Promise.resolve(),
  });
  const document = buildDocument(app);
  await app.close();
  return `${JSON.stringify(document, null, 2)}\n`;
}
