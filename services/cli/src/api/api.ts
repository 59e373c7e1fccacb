import { randomUUID } from 'node:crypto';
import { Failure } from '../failure/failure.ts';
import type { ServerEvent } from './event-parser.ts';
import { eventStream } from './event-stream.ts';
import type { Routes } from './generated/routes.ts';
import { problemOf } from './problem.ts';
import { send, type Transport } from './transport.ts';

export type Route = keyof Routes;
export type Answer<R extends Route> = Routes[R]['answer'];

/** What a route takes: its path and its body when it has them. */
export type Input<R extends Route> = (keyof Routes[R]['path'] extends never
  ? unknown
  : { readonly path: Routes[R]['path'] }) &
  (Routes[R]['body'] extends undefined ? unknown : { readonly body: Routes[R]['body'] }) & {
    readonly query?: Routes[R]['query'];
    /** Takes the place of a new key, for a caller that repeats the command itself. */
    readonly idempotencyKey?: string;
  };

interface AnyInput {
  readonly path?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string | number | undefined>>;
  readonly body?: unknown;
  readonly idempotencyKey?: string;
}

/** The gateway's API, typed by its own document. */
export class Api {
  readonly transport: Transport;

  constructor(transport: Transport) {
    this.transport = transport;
  }

  /**
   * Calls a route. A change carries an Idempotency-Key, so that trying again after a lost answer changes nothing twice.
   * @throws Failure for every answer that is no success
   */
  async call<R extends Route>(route: R, input: Input<R>): Promise<Answer<R>> {
    const [method = '', template = ''] = route.split(' ');
    const { path, query, body, idempotencyKey = randomUUID() } = input as AnyInput;
    const response = await send(this.transport, {
      method,
      target: targetOf(template, path, query),
      headers: {
        accept: 'application/json',
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(method === 'GET' ? {} : { 'idempotency-key': idempotencyKey }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (response.status < 200 || response.status > 299) throw problemOf(response.status, response.text, route);
    return parse<Answer<R>>(response.text, this.transport.url);
  }

  /** Follows a route that answers with a stream of events. */
  events(route: Route & `GET ${string}`, path: Readonly<Record<string, string>>): AsyncGenerator<ServerEvent> {
    return eventStream(this.transport, targetOf(route.slice('GET '.length), path, undefined));
  }
}

function targetOf(template: string, path: AnyInput['path'], query: AnyInput['query']): string {
  const filled = template.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(path?.[name] ?? ''));
  const pairs = Object.entries(query ?? {}).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, `${value}`] as [string, string]],
  );
  return pairs.length === 0 ? filled : `${filled}?${new URLSearchParams(pairs).toString()}`;
}

function parse<T>(text: string, url: string): T {
  try {
    return JSON.parse(text) as T;
  } catch {
    throw new Failure('failure', `What answers at ${url} is no Holdfast gateway.`, {
      code: 'CLI_NO_GATEWAY',
      next: 'set --gateway or HOLDFAST_URL to the address of the gateway',
    });
  }
}
