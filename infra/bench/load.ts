import http from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';

/** Longer than anything that still works takes, on the slowest machine. */
const TIMEOUT_MS = 120_000;
const NO_BODY = Buffer.alloc(0);

export interface Request {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly path: string;
  readonly body?: string;
  /** Instead of the client's own. */
  readonly token?: string;
}

export interface Answer {
  readonly status: number;
  readonly body: Buffer;
}

/** Milliseconds of a clock that all processes of the machine share. */
export const now = (): number => Number(process.hrtime.bigint() / 1_000n) / 1_000;

/** Speaks HTTP to one server over at most so many connections, which it keeps open. */
export class Client {
  private readonly agent: http.Agent;
  private readonly base: URL;
  private readonly token: string;

  constructor(base: string, options: { connections: number; token?: string }) {
    this.base = new URL(base);
    this.token = options.token ?? '';
    this.agent = new http.Agent({ keepAlive: true, maxSockets: options.connections, scheduling: 'lifo' });
  }

  /** @throws Error when the connection breaks or no answer comes in time */
  call({ method, path, body, token = this.token }: Request): Promise<Answer> {
    const payload = body === undefined ? NO_BODY : Buffer.from(body);
    return new Promise((resolve, reject) => {
      const request = http.request(
        {
          agent: this.agent,
          host: this.base.hostname,
          port: this.base.port,
          method,
          path,
          headers: {
            authorization: `Bearer ${token}`,
            ...(body === undefined ? {} : { 'content-type': 'application/json', 'content-length': payload.length }),
          },
        },
        (response) => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.once('end', () => resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks) }));
          response.once('error', reject);
        },
      );
      request.setTimeout(TIMEOUT_MS, () => request.destroy(new Error(`${method} ${path} was not answered in time`)));
      request.once('error', reject);
      request.end(payload);
    });
  }

  /** @throws Error when the answer has another status */
  async expect(status: number, request: Request): Promise<Answer> {
    const answer = await this.call(request);
    if (answer.status === status) return answer;
    const said = answer.body.toString('utf8', 0, 300);
    throw new Error(`${request.method} ${request.path} answered ${answer.status} instead of ${status}: ${said}`);
  }

  close(): void {
    this.agent.destroy();
  }
}

/** What a load came to. */
export interface Load {
  /** Of each act, in milliseconds. */
  readonly latencies: number[];
  readonly perSecond: number;
}

/** So many callers, each of which begins again as soon as it has its answer. The first failure ends it. */
export async function closedLoop(
  callers: number,
  seconds: number,
  act: (turn: number) => Promise<void>,
): Promise<Load> {
  const latencies: number[] = [];
  const begun = now();
  const end = begun + seconds * 1_000;
  let turn = 0;
  let broken = false;
  const caller = async (): Promise<void> => {
    try {
      for (let at = now(); at < end && !broken; at = now()) {
        await act(turn++);
        latencies.push(now() - at);
      }
    } catch (error) {
      broken = true;
      throw error;
    }
  };
  await Promise.all(Array.from({ length: callers }, caller));
  return { latencies, perSecond: (latencies.length / (now() - begun)) * 1_000 };
}

/** So many acts, at most so many at a time. The first failure ends it. */
export async function each(callers: number, count: number, act: (turn: number) => Promise<void>): Promise<Load> {
  const latencies: number[] = [];
  const begun = now();
  let next = 0;
  const caller = async (): Promise<void> => {
    try {
      for (let turn = next++; turn < count; turn = next++) {
        const at = now();
        await act(turn);
        latencies.push(now() - at);
      }
    } catch (error) {
      next = count;
      throw error;
    }
  };
  await Promise.all(Array.from({ length: callers }, caller));
  return { latencies, perSecond: (latencies.length / (now() - begun)) * 1_000 };
}

/**
 * Begins an act at each of its instants, whether or not the ones before have ended, and measures from that instant: a
 * server that falls behind cannot slow its own measurement down. The first failure ends it.
 */
export async function fixedRate(perSecond: number, count: number, act: (turn: number) => Promise<void>): Promise<Load> {
  const latencies: number[] = [];
  const running = new Set<Promise<void>>();
  let failure: unknown;
  const begun = now();
  for (let turn = 0; turn < count && failure === undefined; turn += 1) {
    const due = begun + (turn * 1_000) / perSecond;
    const early = due - now();
    if (early > 0) await pause(early);
    const one: Promise<void> = act(turn)
      .then(() => void latencies.push(now() - due))
      .catch((error: unknown) => void (failure ??= error))
      .finally(() => running.delete(one));
    running.add(one);
  }
  await Promise.all(running);
  if (failure !== undefined) throw failure;
  return { latencies, perSecond: (latencies.length / (now() - begun)) * 1_000 };
}
