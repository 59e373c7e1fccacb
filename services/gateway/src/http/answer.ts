import type { FastifyInstance } from 'fastify';

/** An answer whose status is decided by what happened; return one from a handler. */
export class Answer<T = unknown> {
  constructor(
    readonly status: number,
    readonly body: T,
    readonly headers: Readonly<Record<string, string>> = {},
  ) {}
}

/** JSON that Postgres wrote already; it is sent as it is. As bytes: callers who share a read share the encoding too. */
export class JsonText {
  readonly bytes: Buffer;

  constructor(text: string) {
    this.bytes = Buffer.from(text);
  }
}

/** Fastify sends bytes as well, although its types know of text only. */
const asIs = (payload: unknown): string => payload as string;

/** Lets handlers return `Answer` and `JsonText`. */
export function sendAnswers(server: FastifyInstance): void {
  server.addHook('preSerialization', async (_request, reply, payload) => {
    if (payload instanceof Answer) {
      reply.code(payload.status).headers(payload.headers);
      return payload.body;
    }
    if (payload instanceof JsonText) {
      reply.type('application/json; charset=utf-8').serializer(asIs);
      return payload.bytes;
    }
    return payload;
  });
}
