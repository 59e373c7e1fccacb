import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import { Refusal } from '../../failure/refusal.ts';
import { type Attempts, withAttempts, withCreateAttempts } from '../attempts.ts';
import { askRest, type RestRequest } from '../rest.ts';
import { gcpOperationRefusal, gcpReason, gcpRefusal } from './gcp-error.ts';

export interface GcpAccess {
  readonly endpoint: string;
  readonly project: string;
  readonly zone: string;
  readonly token: () => Promise<string>;
  readonly attempts: Attempts;
  /** For one request. */
  readonly requestMs: number;
  /** Pause between two looks at an operation, and how long it may take altogether. */
  readonly lookMs: number;
  readonly operationMs: number;
}

export const GcpInstance = z.object({
  id: z.string(),
  name: z.string(),
  status: z.string(),
  creationTimestamp: z.string(),
  labels: z.record(z.string(), z.string()).default({}),
  networkInterfaces: z.array(z.object({ networkIP: z.string().optional() })).default([]),
});
export type GcpInstance = z.output<typeof GcpInstance>;

const Disk = z.object({ name: z.string(), users: z.array(z.string()).default([]) });
export type Disk = z.output<typeof Disk>;

const Operation = z.object({
  name: z.string(),
  status: z.enum(['PENDING', 'RUNNING', 'DONE']),
  error: z.object({ errors: z.array(z.object({ code: z.string() })).default([]) }).optional(),
});
type Operation = z.output<typeof Operation>;

/** The Compute Engine REST API of one zone, as far as it is needed. */
export function gcpApi(access: GcpAccess) {
  const base = `${access.endpoint}/compute/v1/projects/${access.project}/zones/${access.zone}`;

  const ask = (method: RestRequest['method'], path: string, body?: unknown, attempt = withAttempts) =>
    attempt(access.attempts, async () => {
      const headers = { authorization: `Bearer ${await access.token()}` };
      const request = { method, url: `${base}${path}`, headers, ...(body === undefined ? {} : { body }) };
      const answer = await askRest('gcp', request, access.requestMs);
      if (answer.status >= 200 && answer.status < 300) return { found: true, body: answer.body } as const;
      if (answer.status === 404) return { found: false } as const;
      if (answer.status === 409 && gcpReason(answer.body) === 'alreadyExists')
        return { found: true, body: null } as const;
      throw gcpRefusal(answer.status, answer.body);
    });

  const understood = <T extends z.ZodType>(schema: T, body: unknown): z.output<T> => {
    const read = schema.safeParse(body);
    if (!read.success) throw new Refusal('PROVIDER_UNAVAILABLE', 'gcp gave an answer that makes no sense');
    return read.data;
  };

  const pages = async <T>(path: string, filter: string, item: z.ZodType<T>): Promise<T[]> => {
    const found: T[] = [];
    const Page = z.object({ items: z.array(item).default([]), nextPageToken: z.string().optional() });
    let next: string | undefined;
    do {
      const query = new URLSearchParams({ filter, ...(next ? { pageToken: next } : {}) });
      const answer = await ask('GET', `${path}?${query.toString()}`);
      const page = understood(Page, answer.found ? answer.body : {});
      found.push(...page.items);
      next = page.nextPageToken;
    } while (next);
    return found;
  };

  /** Waits for an operation; false when what it makes is there already. */
  const finished = async (started: Operation): Promise<boolean> => {
    let operation = started;
    for (
      const until = performance.now() + access.operationMs;
      operation.status !== 'DONE';
      await pause(access.lookMs)
    ) {
      if (performance.now() >= until) throw new Refusal('PROVIDER_UNAVAILABLE', 'gcp did not finish in time');
      const answer = await ask('GET', `/operations/${operation.name}`).catch((cause: unknown) => {
        // It goes on, whoever may not look at it.
        throw new Refusal('PROVIDER_UNAVAILABLE', 'gcp does not say what became of it', { cause });
      });
      if (!answer.found) break;
      operation = understood(Operation, answer.body);
    }
    const code = operation.error?.errors[0]?.code;
    if (code === 'RESOURCE_ALREADY_EXISTS') return false;
    if (operation.error) throw gcpOperationRefusal(code);
    return true;
  };

  const insert = async (path: string, body: unknown): Promise<void> => {
    // One id for all tries of this insert, and another for the next: a failed operation would be answered again.
    const answer = await ask('POST', `${path}?requestId=${randomUUID()}`, body, withCreateAttempts);
    if (!answer.found) throw new Refusal('PROVIDER_REFUSED', 'gcp: there is no such project or zone');
    if (answer.body !== null) await finished(understood(Operation, answer.body));
  };

  const one = async <T extends z.ZodType>(path: string, schema: T): Promise<z.output<T> | null> => {
    const answer = await ask('GET', path);
    return answer.found ? understood(schema, answer.body) : null;
  };

  return {
    /** Returns once there is an instance of that name, whoever made it. */
    insertInstance: (body: unknown): Promise<void> => insert('/instances', body),
    insertDisk: (body: unknown): Promise<void> => insert('/disks', body),
    instance: (name: string): Promise<GcpInstance | null> => one(`/instances/${name}`, GcpInstance),
    disk: (name: string): Promise<Disk | null> => one(`/disks/${name}`, Disk),
    instances: (filter: string): Promise<GcpInstance[]> => pages('/instances', filter, GcpInstance),
    disks: (filter: string): Promise<Disk[]> => pages('/disks', filter, Disk),
    /** Asked for, not waited for. */
    deleteInstance: (name: string): Promise<unknown> => ask('DELETE', `/instances/${name}`),
    deleteDisk: (name: string): Promise<unknown> => ask('DELETE', `/disks/${name}`),
    async serialOutput(name: string): Promise<string> {
      const output = await one(`/instances/${name}/serialPort?port=1`, z.object({ contents: z.string().default('') }));
      return output?.contents ?? '';
    },
  };
}
