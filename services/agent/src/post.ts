import http from 'node:http';
import https from 'node:https';

export interface Answer {
  readonly status: number;
  /** The body when it is a JSON object, else an empty one. */
  readonly body: Readonly<Record<string, unknown>>;
}

const MOST_ANSWER_BYTES = 1_048_576;

/**
 * Sends JSON and reads JSON. Plain `node:http`: loading `fetch` would be a good part of the agent's start.
 * @throws Error when the signal ends the wait or the connection fails
 */
export function post(url: URL, body: unknown, headers: Record<string, string>, signal: AbortSignal): Promise<Answer> {
  const text = JSON.stringify(body);
  return new Promise((resolve, reject) => {
    const request = (url.protocol === 'https:' ? https : http).request(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text), ...headers },
      signal,
    });
    request.on('error', reject);
    request.on('response', (response) => {
      const chunks: Buffer[] = [];
      let bytes = 0;
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes > MOST_ANSWER_BYTES) response.destroy(new Error('the answer is too large'));
        else chunks.push(chunk);
      });
      response.on('error', reject);
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, body: objectOf(Buffer.concat(chunks).toString()) }),
      );
    });
    request.end(text);
  });
}

function objectOf(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : {};
  } catch {
    return {};
  }
}
