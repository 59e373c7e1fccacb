import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import { Refusal } from '../../failure/refusal.ts';
import { type Attempts, withAttempts, withCreateAttempts } from '../attempts.ts';
import { askRest, type RestRequest } from '../rest.ts';
import { hetznerErrorCode, hetznerRefusal } from './hetzner-error.ts';

export interface HetznerAccess {
  readonly endpoint: string;
  readonly token: string;
  readonly attempts: Attempts;
  /** For one request. */
  readonly requestMs: number;
  /** Pause between two looks at an action, and how long it may take altogether. */
  readonly lookMs: number;
  readonly actionMs: number;
}

export const Server = z.object({
  id: z.number(),
  name: z.string(),
  status: z.string(),
  created: z.string(),
  labels: z.record(z.string(), z.string()),
  public_net: z.object({ ipv4: z.object({ ip: z.string() }).nullish() }).nullish(),
  private_net: z.array(z.object({ ip: z.string() })).default([]),
  volumes: z.array(z.number()).default([]),
});
export type Server = z.output<typeof Server>;

const Volume = z.object({ id: z.number(), name: z.string(), server: z.number().nullish() });
export type Volume = z.output<typeof Volume>;

const Action = z.object({
  id: z.number(),
  status: z.enum(['running', 'success', 'error']),
  error: z.object({ code: z.string() }).nullish(),
});
const Page = z.object({ meta: z.object({ pagination: z.object({ next_page: z.number().nullish() }) }).optional() });
const PER_PAGE = 50;

/** Hetzner's REST API as far as it is needed. What may be repeated is, when it is told to slow down. */
export function hetznerApi(access: HetznerAccess) {
  const send = async (request: Omit<RestRequest, 'headers' | 'url'>, path: string) =>
    await askRest(
      'hetzner',
      { ...request, url: `${access.endpoint}${path}`, headers: { authorization: `Bearer ${access.token}` } },
      access.requestMs,
    );

  const ask = (method: RestRequest['method'], path: string, body?: unknown): Promise<unknown> =>
    withAttempts(access.attempts, async () => {
      const answer = await send({ method, ...(body === undefined ? {} : { body }) }, path);
      if (answer.status >= 200 && answer.status < 300) return answer.body;
      if (answer.status === 404 && hetznerErrorCode(answer.body) === 'not_found') return null;
      throw hetznerRefusal(answer.status, answer.body);
    });

  const understood = <T extends z.ZodType>(schema: T, body: unknown): z.output<T> => {
    const read = schema.safeParse(body);
    if (!read.success) throw new Refusal('PROVIDER_UNAVAILABLE', 'hetzner gave an answer that makes no sense');
    return read.data;
  };

  const pages = async <T>(
    path: string,
    query: Record<string, string>,
    member: string,
    item: z.ZodType<T>,
  ): Promise<T[]> => {
    const found: T[] = [];
    let page: number | null | undefined = 1;
    while (typeof page === 'number') {
      const search = new URLSearchParams({ ...query, page: String(page), per_page: String(PER_PAGE) });
      const body = await ask('GET', `${path}?${search.toString()}`);
      found.push(...(understood(z.object({ [member]: z.array(item) }), body)[member] ?? []));
      page = understood(Page, body).meta?.pagination.next_page;
    }
    return found;
  };

  return {
    /** Null when there is a server of that name already. */
    async createServer(body: Readonly<Record<string, unknown>>): Promise<{ server: Server; actionId: number } | null> {
      const answer = await withCreateAttempts(access.attempts, async () => {
        const one = await send({ method: 'POST', body }, '/servers');
        if (one.status === 201 || hetznerErrorCode(one.body) === 'uniqueness_error') return one;
        throw hetznerRefusal(one.status, one.body);
      });
      if (answer.status !== 201) return null;
      const { server, action } = understood(z.object({ server: Server, action: Action }), answer.body);
      return { server, actionId: action.id };
    },
    async server(id: number): Promise<Server | null> {
      const body = await ask('GET', `/servers/${id}`);
      return body === null ? null : understood(z.object({ server: Server }), body).server;
    },
    servers: (query: Record<string, string>): Promise<Server[]> => pages('/servers', query, 'servers', Server),
    deleteServer: (id: number): Promise<unknown> => ask('DELETE', `/servers/${id}`),
    volumes: (query: Record<string, string>): Promise<Volume[]> => pages('/volumes', query, 'volumes', Volume),
    /** Null when there is a volume of that name already. */
    async createVolume(body: Readonly<Record<string, unknown>>): Promise<Volume | null> {
      try {
        return understood(z.object({ volume: Volume }), await ask('POST', '/volumes', body)).volume;
      } catch (error) {
        if (error instanceof Refusal && error.message === 'hetzner: uniqueness_error') return null;
        throw error;
      }
    },
    deleteVolume: (id: number): Promise<unknown> => ask('DELETE', `/volumes/${id}`),
    /** Waits for the end of an action. */
    async finished(actionId: number): Promise<void> {
      for (const until = performance.now() + access.actionMs; ; await pause(access.lookMs)) {
        const body = await ask('GET', `/actions/${actionId}`);
        if (body === null) return;
        const { action } = understood(z.object({ action: Action }), body);
        if (action.status === 'success') return;
        if (action.status === 'error')
          throw hetznerRefusal(0, { error: { code: action.error?.code ?? 'action_failed' } });
        if (performance.now() >= until) throw new Refusal('PROVIDER_UNAVAILABLE', 'hetzner did not finish in time');
      }
    },
  };
}
