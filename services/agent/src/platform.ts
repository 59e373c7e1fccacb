import type { Credentials } from './credentials.ts';
import { type Answer, post } from './post.ts';

const TIMEOUT_MS = 10_000;

/** The agent's side of the platform's registry. */
export interface Platform {
  call(route: 'register' | 'heartbeat', body: Record<string, unknown>): Promise<Answer>;
}

/**
 * Speaks to the registry with the token of the box, or with the nonce while there is no token. A 401 makes it read
 * the token file again and try once more: the platform writes a new token there when it brings a box up. Where it was
 * given a nonce instead, a register shows that: a disk may have kept the token of the box before. Credentials in an answer
 * are stored.
 */
export function platform(base: URL, credentials: Credentials, nonce: string | undefined, ended: AbortSignal): Platform {
  const prove = async (): Promise<Record<string, string>> => {
    const token = await credentials.read('token');
    if (token) return { authorization: `Bearer ${token}` };
    return nonce ? byNonce(nonce) : {};
  };
  return {
    async call(route, body) {
      const url = new URL(`${base.pathname.replace(/\/$/, '')}/registry/${route}`, base);
      const send = (proof: Record<string, string>): Promise<Answer> =>
        post(url, body, proof, AbortSignal.any([ended, AbortSignal.timeout(TIMEOUT_MS)]));
      let answer = await send(await prove());
      if (answer.status === 401) answer = await send(route === 'register' && nonce ? byNonce(nonce) : await prove());
      if (answer.status === 200) await keep(credentials, answer);
      return answer;
    },
  };
}

const byNonce = (nonce: string): Record<string, string> => ({ 'x-holdfast-nonce': nonce });

async function keep(credentials: Credentials, { body }: Answer): Promise<void> {
  const { auth_token: token, platform_inbound_secret: inboundSecret } = body;
  if (typeof token === 'string' && token) await credentials.store('token', token);
  if (
    typeof inboundSecret === 'string' &&
    inboundSecret &&
    inboundSecret !== (await credentials.read('inboundSecret'))
  ) {
    await credentials.store('inboundSecret', inboundSecret);
  }
}
