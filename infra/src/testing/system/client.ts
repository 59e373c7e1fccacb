export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Record<string, unknown> & unknown[];
}

export interface Call {
  readonly body?: unknown;
  readonly token?: string | null;
  readonly key?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Speaks to one gateway as a script would. */
export class GatewayClient {
  readonly url: string;
  private readonly adminToken: string;
  private readonly tenant: Readonly<Record<string, string>>;

  /** @param orgId the tenant, where the gateway is one's */
  constructor(url: string, adminToken: string, orgId?: string) {
    this.url = url;
    this.adminToken = adminToken;
    this.tenant = orgId === undefined ? {} : { 'x-molecule-org-id': orgId };
  }

  async call(
    method: string,
    path: string,
    { body, token = this.adminToken, key, headers = {} }: Call = {},
  ): Promise<Answer> {
    const answer = await fetch(`${this.url}${path}`, {
      method,
      headers: {
        ...(token === null ? {} : { authorization: `Bearer ${token}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(key === undefined ? {} : { 'idempotency-key': key }),
        ...this.tenant,
        ...headers,
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      signal: AbortSignal.timeout(30_000),
    });
    const text = await answer.text();
    return { status: answer.status, headers: answer.headers, body: (text ? parsed(text) : {}) as Answer['body'] };
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return { text };
  }
}
