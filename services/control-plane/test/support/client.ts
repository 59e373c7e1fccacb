import { randomUUID } from 'node:crypto';
import type { Tenant } from './control-plane.ts';

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly body: Readonly<Record<string, unknown>>;
}

/** What a tenant platform sends, and what it gets. */
export function clientOf(url: string, tenant: Tenant) {
  const call = async (
    method: string,
    path: string,
    body?: unknown,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Answer> => {
    const response = await fetch(`${url}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${tenant.secret}`,
        'x-molecule-admin-token': tenant.adminToken,
        ...headers,
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.includes('json') ?? false;
    return {
      status: response.status,
      headers: response.headers,
      text,
      body: isJson ? (JSON.parse(text) as Answer['body']) : {},
    };
  };
  const workspace = (id: string, query: Readonly<Record<string, string>>) =>
    `/cp/workspaces/${id}?${new URLSearchParams(query).toString()}`;
  return {
    call,
    provision: (body: unknown) => call('POST', '/cp/workspaces/provision', body),
    terminate: (id: string, query: Readonly<Record<string, string>>) => call('DELETE', workspace(id, query)),
    status: (id: string, query: Readonly<Record<string, string>>) =>
      call('GET', workspace(id, query).replace('?', '/status?')),
    console: (id: string) => call('GET', `/cp/admin/workspaces/${id}/console`),
    list: (owner?: string) => call('GET', `/cp/workspaces${owner === undefined ? '' : `?owner=${owner}`}`),
  };
}
export type Client = ReturnType<typeof clientOf>;

/** A provision, valid and boring. */
export const aProvision = (over: Readonly<Record<string, unknown>> = {}) => ({
  org_id: 'whatever-the-body-says',
  workspace_id: randomUUID() as string,
  box_id: randomUUID() as string,
  owner: 'an-installation',
  runtime: 'reference',
  tier: 2,
  platform_url: 'http://127.0.0.1:1',
  env: { API_KEY: 'the-secret-of-a-workspace' },
  provider: 'hetzner',
  ...over,
});
