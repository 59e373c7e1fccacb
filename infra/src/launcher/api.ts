const CALL_LIMIT_MS = 10_000;

/** The answer to a call, whatever its status. */
export interface Answer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

/** The gateway's API with the installation's own credential. */
export class Api {
  readonly url: string;
  private readonly headers: Readonly<Record<string, string>>;

  /** @param orgId the tenant it serves, if it serves one */
  constructor(url: string, token: string, orgId?: string) {
    this.url = url;
    this.headers = {
      authorization: `Bearer ${token}`,
      ...(orgId === undefined ? {} : { 'x-molecule-org-id': orgId }),
    };
  }

  /** @throws Error when the gateway does not answer */
  async call(method: string, path: string, body?: unknown): Promise<Answer> {
    const answer = await fetch(`${this.url}${path}`, {
      method,
      headers: {
        ...this.headers,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(CALL_LIMIT_MS),
    });
    const text = await answer.text();
    return { status: answer.status, body: (text === '' ? {} : JSON.parse(text)) as Answer['body'] };
  }

  /** True once the gateway serves; asked with our own credential, because another one may listen there. */
  async isReady(): Promise<boolean> {
    return (await this.call('GET', '/backends')).status === 200;
  }
}
