import { createVerify, generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { json } from '../json-api.ts';
import type { Answer, Asked } from '../http-cloud.ts';

const EMAIL = 'control-plane@a-project.iam.gserviceaccount.com';
const GRANT_TYPE = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
export const TOKEN = 'a-gcp-access-token-of-nobody';

export interface ServiceAccount {
  /** Written once the address of the token service is known. */
  writeKeyFile(tokenUrl: string): string;
  /** Gives a token for a statement that this account has signed, and for no other. */
  grant(asked: Asked): Answer;
  remove(): void;
}

/** A service account with a key of its own. */
export function serviceAccount(): ServiceAccount {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 });
  const folder = mkdtempSync(path.join(os.tmpdir(), 'holdfast-gcp-'));
  return {
    writeKeyFile(tokenUrl) {
      const file = path.join(folder, 'key.json');
      const key = {
        type: 'service_account',
        client_email: EMAIL,
        private_key: privateKey.export({ type: 'pkcs8', format: 'pem' }),
        token_uri: tokenUrl,
      };
      writeFileSync(file, JSON.stringify(key), { mode: 0o600 });
      return file;
    },
    grant({ body }) {
      const form = new URLSearchParams(body);
      const [head = '', claims = '', signature = ''] = (form.get('assertion') ?? '').split('.');
      const isSigned = createVerify('RSA-SHA256').update(`${head}.${claims}`).verify(publicKey, signature, 'base64url');
      const { iss } = isSigned ? (JSON.parse(Buffer.from(claims, 'base64url').toString()) as { iss?: string }) : {};
      if (form.get('grant_type') !== GRANT_TYPE || iss !== EMAIL) {
        return json(400, { error: 'invalid_grant', error_description: 'Invalid JWT Signature.' });
      }
      return json(200, { access_token: TOKEN, expires_in: 3_599, token_type: 'Bearer' });
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
