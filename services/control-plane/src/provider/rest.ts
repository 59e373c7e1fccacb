import { Refusal } from '../failure/refusal.ts';

export interface RestAnswer {
  readonly status: number;
  readonly body: unknown;
}

export interface RestRequest {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

/**
 * One request to a cloud's JSON API.
 * @throws Refusal PROVIDER_UNAVAILABLE when no answer came, or none that is JSON
 */
export async function askRest(cloud: string, request: RestRequest, timeoutMs: number): Promise<RestAnswer> {
  const { method, url, headers, body } = request;
  try {
    const response = await fetch(url, {
      method,
      headers: {
        accept: 'application/json',
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      redirect: 'error',
      signal: AbortSignal.timeout(timeoutMs),
    });
    const text = await response.text();
    return { status: response.status, body: text === '' ? null : (JSON.parse(text) as unknown) };
  } catch (error) {
    throw new Refusal('PROVIDER_UNAVAILABLE', `${cloud} did not answer`, { cause: error });
  }
}
