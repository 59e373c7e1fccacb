import { createSign } from 'node:crypto';
import { z } from 'zod';
import { Refusal } from '../../failure/refusal.ts';
import { readServiceAccount, type ServiceAccount } from './service-account.ts';

const Grant = z.object({ access_token: z.string(), expires_in: z.number() });

const SCOPE = 'https://www.googleapis.com/auth/compute';
const GRANT_TYPE = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
const LIFETIME_SECONDS = 3_600;
/** A token is replaced this long before it ends. */
const MARGIN_MS = 60_000;

/**
 * Access tokens of a service account, fetched when they are needed and used until they are nearly over.
 * @returns a function that fails with a Refusal
 */
export function accessTokens(keyFile: string, timeoutMs: number): () => Promise<string> {
  let current: { token: string; until: number } | undefined;
  let fetching: Promise<string> | undefined;
  return async () => {
    if (current && current.until > Date.now()) return current.token;
    fetching ??= fetchToken(keyFile, timeoutMs)
      .then(({ access_token: token, expires_in: seconds }) => {
        current = { token, until: Date.now() + seconds * 1_000 - MARGIN_MS };
        return token;
      })
      .finally(() => (fetching = undefined));
    return await fetching;
  };
}

async function fetchToken(keyFile: string, timeoutMs: number): Promise<z.output<typeof Grant>> {
  const account = readAccount(keyFile);
  let answer: { status: number; body: unknown };
  try {
    const response = await fetch(account.token_uri, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({ grant_type: GRANT_TYPE, assertion: assertionOf(account) }).toString(),
      redirect: 'error',
      signal: AbortSignal.timeout(timeoutMs),
    });
    answer = { status: response.status, body: await response.json() };
  } catch (error) {
    throw new Refusal('PROVIDER_UNAVAILABLE', 'gcp gave no access token', { cause: error });
  }
  const grant = Grant.safeParse(answer.body);
  if (answer.status === 200 && grant.success) return grant.data;
  throw new Refusal(answer.status < 500 ? 'PROVIDER_DENIED' : 'PROVIDER_UNAVAILABLE', 'gcp refused an access token');
}

/** Looked at when the control plane starts already; it may have been replaced since. */
function readAccount(keyFile: string): ServiceAccount {
  const read = readServiceAccount(keyFile);
  if ('account' in read) return read.account;
  throw new Refusal('PROVIDER_DENIED', `gcp: GCP_CREDENTIALS_FILE ${read.mistake}`);
}

/** A signed statement of who we are, which the token is given for. */
function assertionOf(account: ServiceAccount): string {
  const now = Math.floor(Date.now() / 1_000);
  const claims = {
    iss: account.client_email,
    scope: SCOPE,
    aud: account.token_uri,
    iat: now,
    exp: now + LIFETIME_SECONDS,
  };
  const text = [{ alg: 'RS256', typ: 'JWT' }, claims]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.');
  return `${text}.${createSign('RSA-SHA256').update(text).sign(account.private_key, 'base64url')}`;
}
