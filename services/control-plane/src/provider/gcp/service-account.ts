import { createPrivateKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { z } from 'zod';

const ServiceAccount = z.object({ client_email: z.string(), private_key: z.string(), token_uri: z.url() });
export type ServiceAccount = z.output<typeof ServiceAccount>;

/** The service account of a key file, or what is wrong with that file: neither its path nor anything in it. */
export function readServiceAccount(keyFile: string): { account: ServiceAccount } | { mistake: string } {
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(keyFile, 'utf8'));
  } catch (error) {
    const isRead = error instanceof SyntaxError;
    return { mistake: `must name a file that ${isRead ? 'is JSON' : 'can be read'}: the key of a service account` };
  }
  const read = ServiceAccount.safeParse(content);
  if (!read.success) return { mistake: 'must name the JSON key file of a service account' };
  if (isUsable(read.data.private_key)) return { account: read.data };
  return { mistake: 'holds a private_key that cannot be used; download the key again' };
}

/** Google signs with RSA alone. */
function isUsable(key: string): boolean {
  try {
    return createPrivateKey(key).asymmetricKeyType === 'rsa';
  } catch {
    return false;
  }
}
