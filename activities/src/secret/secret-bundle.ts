import type { Tx } from '@holdfast/prisma';
import { Refusal } from '../failure/refusal.ts';
import type { Cipher } from './cipher.ts';
import { openSecrets } from './secret-values.ts';

/**
 * Every secret of a workspace in the clear, for its own agent.
 * @throws Refusal INTERNAL naming the secrets that cannot be read: part of a bundle would look like all of it
 */
export async function secretBundle(tx: Tx, cipher: Cipher, workspaceId: string): Promise<Record<string, string>> {
  const { values, unreadable } = await openSecrets(tx, cipher, workspaceId);
  if (unreadable.length > 0) {
    throw new Refusal('INTERNAL', 'one or more secrets failed to decrypt; refusing to return partial bundle', {
      failed_keys: unreadable.map(({ scope, key }) => `${scope}:${key}`),
    });
  }
  return Object.fromEntries(values);
}
